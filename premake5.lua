-- Builds the Kit extension and applications under NVIDIA's repo tools, which supply every name used here.
-- An ordinary Python needs none of this: see the Makefile.

-- These three stay global: the tools and the extensions' own premake files read them.
repo_build = require("omni/repo/build")
root = repo_build.get_abs_path(".")
kit = require("_repo/deps/repo_kit_tools/kit-template/premake5-kit")

repo_build.setup_options()
kit.setup_all()

-- The tools look under source/extensions only; ours live in exts/.
for _, folder in ipairs(os.matchdirs(root .. "/exts/*")) do
    if os.isfile(folder .. "/premake5.lua") then
        include(folder)
    end
end

define_app("blueprint.kit")
define_app("blueprint.headless.kit")
