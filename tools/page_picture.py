"""Take a picture of one of our pages as a browser shows it.

page_picture.py PAGE.html PICTURE.png [--frame N] [--width PX] [--height PX]

The picture of docs/episodes.md: `blueprint replay RUN --episode N --set friction=0.02 --out NEW`, then
`blueprint show NEW --html PAGE.html`, then this.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--hide-scrollbars", "--virtual-time-budget=4000"),
)
DEADLINE_S = 120


def main() -> int:
    """Take the picture; 0 where it was taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--frame", type=int, help="frame of an episode's page to go to")
    parser.add_argument("--width", type=int, default=1200)
    parser.add_argument("--height", type=int, default=1500)
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.stderr.write(f"no browser is installed; one of {', '.join(BROWSERS)} is needed\n")
        return 1
    address = options.page.resolve().as_uri() + (f"#frame={options.frame}" if options.frame is not None else "")
    with tempfile.TemporaryDirectory(prefix="page-picture-") as profile:
        size = f"--window-size={options.width},{options.height}"
        # Without a sandbox of its own the browser also runs in a container; it opens nothing but our page.
        command = [browser, *QUIET, "--no-sandbox", f"--user-data-dir={profile}", size]
        command += [f"--screenshot={options.picture.resolve()}", address]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=DEADLINE_S)
    if done.returncode or not options.picture.is_file():
        sys.stderr.write(done.stderr[-800:])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
