#!/usr/bin/env bash
# Take the pictures of the documentation anew, from the reports as they are now. Needs Chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."
pictures=$PWD/docs/pictures
export PATH="$PWD/.venv/bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

picture() { # NAME HEIGHT: of $work/NAME.html
  chromium --headless --no-sandbox --disable-gpu --disable-background-networking --hide-scrollbars --force-device-scale-factor=1.25 --window-size="1300,$2" \
    --screenshot="$pictures/$1.png" "file://$work/$1.html" 2>/dev/null
}

tenantry who --tenant us --format html > "$work/who.html"
picture who 668

# Emma becomes a Global admin, Lena joins, and Bruno leaves.
for side in before after; do
  mkdir "$work/$side"
  cp -r Pulumi.yaml Pulumi.dev.yaml __main__.py components policies partners requirements.lock "$work/$side"
done
python - "$work/after/partners/contoso/tenants/us.yaml" <<'END'
import sys
from ruamel.yaml import YAML
yaml, file = YAML(), sys.argv[1]
with open(file) as stream:
    tenant = yaml.load(stream)
people = tenant["people"]
people["emma"]["roles"] = ["Global admin"]
people["bruno"]["state"] = "leaver"
people["lena"] = {
    "full_name": "Lena Fischer",
    "upn": "lena.fischer@contoso-partner.onmicrosoft.com",
    "email": "lena.fischer@contoso.com",
    "roles": ["Sales agent"],
}
with open(file, "w") as stream:
    yaml.dump(tenant, stream)
END
tenantry check --fix "$work/after/partners/contoso" > "$work/check.txt"
cd "$work"
tenantry review before after --format html > review.html
picture review 820
