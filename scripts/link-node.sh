#!/bin/sh
# npm before 11.6 drops node_modules/.bin/node when it discards the package of the other CPU: this
# puts it back.
for node in node_modules/node-linux-*/bin/node; do
  if [ -x "$node" ]; then ln -sf "../${node#node_modules/}" node_modules/.bin/node; fi
done
