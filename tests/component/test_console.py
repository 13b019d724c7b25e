"""The console from `wasmtime serve`: its folder opened as `/console`, answered as
on every other host.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from hosts import ROOT, HostCase, WasmtimeServe

CHECK = "const { check } = await import(process.argv[1]); await check(process.argv[2])"


class ConsoleCase(HostCase):
    def serve(self, *options):
        # Nothing of the configuration is needed for a file.
        return self.started(WasmtimeServe("{}", *options))

    def documented(self):
        """The folder that the documents open, the same in all of them."""
        pages = ["wit/README.md", "docs/tasks/console.md"]
        [folder] = {folder for page in pages for folder in re.findall(r"--dir (\S+)::/console", (ROOT / page).read_text())}
        return folder

    def test_it_is_served_from_a_folder_as_everywhere(self):
        host = self.serve("--dir", f"{ROOT / self.documented()}::/console")
        module = (ROOT / "tests/console/support/files.mjs").as_uri()
        checked = subprocess.run(
            ["node", "--input-type=module", "--eval", CHECK, module, host.url], capture_output=True, text=True, timeout=120,
        )
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(host.get("/tenant/console/").status_code, 200)
        # What is called so elsewhere is for the engine, which has no configuration here.
        elsewhere = ["/consoles", "/scim2/Users/console", "/api/users/v1/console/federated-associations"]
        for path in [*elsewhere, "/.well-known/oauth-protected-resource/console", "/.well-known/openid-configuration/console/"]:
            self.assertEqual(host.get(path).status_code, 500, path)

    def test_it_says_how_it_is_mounted_where_it_is_not(self):
        host = self.serve()
        for path in ["/console/", "/console/assets/index.js"]:
            response = host.get(path)
            self.assertEqual(response.status_code, 404)
            self.assertIn(f"wasmtime serve --dir {self.documented()}::/console", response.text)
            self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])

    def test_no_link_leads_out_of_the_folder(self):
        directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (directory / "secret.js").write_text("secret")
        folder = directory / "console"
        folder.mkdir()
        (folder / "index.html").write_text("the page")
        (folder / "link.js").symlink_to(directory / "secret.js")
        (folder / ".hidden.js").write_text("hidden")
        (folder / "key.json").write_text("a key")
        host = self.serve("--dir", f"{folder}::/console", "--dir", f"{directory}::/secrets")
        self.assertEqual(host.get("/console/").text, "the page")
        for name in ["link.js", ".hidden.js", "key.json"]:
            self.assertEqual(host.get(f"/console/{name}").status_code, 404, name)
