-- Links this extension into the build of a Kit application.
-- `config/` and `data/` of the repository go to `resources/`, because the extension's own folders of those names belong to Kit.

local ext = get_current_extension_info()
project_ext(ext)

repo_build.prebuild_link {
    { "blueprint", ext.target_dir .. "/blueprint" },
    { "data", ext.target_dir .. "/data" },
    { "docs", ext.target_dir .. "/docs" },
    { "../../config", ext.target_dir .. "/resources/config" },
    { "../../data", ext.target_dir .. "/resources/data" },
}
