#!/bin/sh
# Makes the secrets of compose.yaml in deploy/secrets: random ones, readable by the user who runs this and by containers.
# Secrets that exist are kept.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 0700 secrets

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n/+='; }
make() { [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; }

make mongodb-key "$(random 300)"
make mongodb-root-password "$(random 24)"
make concord-database-password "$(random 24)"
make concord-metrics-token "$(random 24)"
password=$(cat secrets/concord-database-password)
members=mongodb-1:27017,mongodb-2:27017,mongodb-3:27017
make concord-store "mongodb://concord:$password@$members/concord?replicaSet=concord&authSource=concord"
echo "The secrets are in $(pwd)/secrets."
