"""Plants dead paths and links and sees that check_docs.py finds each."""

import pathlib
import tempfile
import unittest

import check_docs
import check_layers


def found(text, name="README.md"):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "deploy").mkdir()
        (root / "docs").mkdir()
        (root / "deploy" / "run.sh").touch(mode=0o755)
        (root / "deploy" / "plain.sh").touch(mode=0o644)
        (root / "docs" / "FORMAT.md").write_text("# The format\n\n## Entry header (v1)\n")
        (root / name).write_text(text, encoding="utf-8")
        return list(check_docs.violations(root))


class Docs(unittest.TestCase):
    def test_dead_ones_are_found_with_their_line(self):
        for text, words in [
                ("a\n\nSee `deploy/gone.sh`.\n", ":3: `deploy/gone.sh`"),
                ("`deploy/gone.sh --keep`\n", "`deploy/gone.sh`"),
                ("`docs/*.txt`\n", "docs/*.txt"),
                ("```sh\ndeploy/run.sh\n./deploy/gone.sh --fast\n```\n", ":3: deploy/gone.sh"),
                ("```sh\nsudo deploy/plain.sh\n```\n", "not executable"),
                ("[the format](docs/GONE.md)\n", "no such file"),
                ("[the header](docs/FORMAT.md#trailer)\n", "no such heading"),
                ("[above](#nowhere)\n", "no such heading"),
                ("![picture](docs/gone.svg)\n", "no such file"),
                ("<!-- layers -->\n| folder |\n<!-- /layers -->\n", "layer table")]:
            with self.subTest(text=text):
                hits = found(text)
                self.assertEqual(len(hits), 1, hits)
                self.assertIn(words, hits[0])

    def test_living_ones_pass(self):
        rules = pathlib.Path(check_docs.__file__).with_name("layers.txt").read_text("utf-8")
        table = check_layers.table(check_layers.Rules(rules))
        self.assertEqual(found(f"""# The *whole* thing
`deploy/run.sh --keep`, `docs/`, `docs/*.md`, `Amount`, `build/dev/bin/hugangd`, `a/b`, `--json`.
[format](docs/FORMAT.md), [header](docs/FORMAT.md#entry-header-v1), [up](#the-whole-thing),
[RFC](https://www.rfc-editor.org/rfc/rfc6962)

```sh
sudo deploy/run.sh --keep   # starts it
HUGANG_PRESET=release deploy/run.sh && cat deploy/plain.sh
cat \\
  deploy/plain.sh
```

```text
deploy/gone.sh
```
<!-- layers -->
{table}<!-- /layers -->
"""), [])

    def test_links_are_relative_to_their_file(self):
        self.assertEqual(found("[run](../deploy/run.sh)\n", "docs/A.md"), [])
        self.assertEqual(len(found("[run](deploy/run.sh)\n", "docs/A.md")), 1)


if __name__ == "__main__":
    unittest.main()
