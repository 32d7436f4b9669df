#!/bin/sh
# What npm runs after `npm ci` in a checkout: puts the Node of this package on the scripts' PATH and
# builds dist/.
set -e
sh scripts/link-node.sh
if [ ! -e node_modules/.bin/tsc ]; then
  echo "blanket: a checkout is built with its development packages, which NODE_ENV=production or" \
    "--omit=dev left out: install it with \`npm ci --include=dev\`." >&2
  exit 1
fi
npm run -s build
