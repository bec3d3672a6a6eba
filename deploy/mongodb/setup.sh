#!/bin/bash
# Makes mongodb-1, -2 and -3 one replica set, and Concord's user in it. May run any number of times.
set -euo pipefail
root_password=$(cat /run/secrets/mongodb-root-password)
concord_password=$(cat /run/secrets/concord-database-password)
export root_password concord_password

# The passwords stay out of the arguments, which other processes can read.
mongosh --quiet --nodb --eval '
  const { root_password, concord_password } = process.env;
  const first = `mongodb://root:${encodeURIComponent(root_password)}@mongodb-1:27017/admin`;
  const members = [1, 2, 3].map((number) => ({ _id: number, host: `mongodb-${number}:27017` }));
  const direct = connect(`${first}?directConnection=true`);
  try {
    direct.adminCommand({ replSetInitiate: { _id: "concord", members } });
  } catch (error) {
    if (error.codeName !== "AlreadyInitialized") throw error;
  }
  const hosts = members.map(({ host }) => host).join(",");
  const set = `mongodb://root:${encodeURIComponent(root_password)}@${hosts}/admin?replicaSet=concord`;
  const admin = connect(`${set}&serverSelectionTimeoutMS=60000`);
  const database = admin.getSiblingDB("concord");
  const options = { pwd: concord_password, roles: [{ role: "dbOwner", db: "concord" }] };
  if (database.getUser("concord") === null) database.createUser({ user: "concord", ...options });
  else database.updateUser("concord", options);
  print("The replica set and the user are there.");
'
