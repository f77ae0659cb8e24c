"""A program that installs the Pulumi CLI the official way; `pulumi_cli` runs it, since it may hang."""

import subprocess
import sys
from urllib.error import URLError

from pulumi.automation import PulumiCommand


def main(root: str) -> None:
    """Install the CLI that belongs to the Pulumi SDK into a folder; exit with the reason where that fails."""
    try:
        PulumiCommand.install(root=root)
    except subprocess.CalledProcessError as error:
        sys.exit(error.output.decode("utf-8", "replace"))
    except URLError as error:
        sys.exit(f"get.pulumi.com cannot be reached: {error.reason}")


if __name__ == "__main__":
    main(sys.argv[1])
