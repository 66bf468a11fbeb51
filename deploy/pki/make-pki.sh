#!/usr/bin/env bash
# Makes a throw-away public key infrastructure: for demos and tests, never for money.
#
#   make-pki.sh --out DIR --node CODE[:SUITE]... [--client NODE:CODE]... [options]
#
#   --node CODE[:SUITE]      an operator's node with a certificate authority of its own; SUITE is
#                            what it signs envelopes with, ed25519 (default) or sm2
#   --client NODE:CODE       a certificate for a participant of that node, e.g. shanghai:HGSHCNSHXXX
#   --days N                 lifetime of certificates, default 90
#   --renew                  new TLS certificates for everything named; CAs and signing keys stay
#
# Certificates that must be refused, for tests; they go to DIR/bad:
#   --expired NODE:CODE      ended before it was made
#   --unknown-ca NODE:CODE   right name, signed by an authority that nobody knows
#   --forged BY:NODE:CODE    names a client of NODE, but was signed by the CA of another node, BY
#   --nameless NODE:CODE     signed by NODE's CA, but carries no hugang:// name
#
# What exists and is valid for another day is kept. deploy/pki/README.md describes the layout.
set -euo pipefail
umask 077

usage() { sed -n '2,19s/^# \{0,1\}//p' "$0"; }
fail() { echo "make-pki.sh: $1" >&2; exit "${2:-1}"; }

out='' days=90 renew=false
nodes=() clients=() bad=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --renew) renew=true; shift; continue ;;
  esac
  [ $# -ge 2 ] || fail "option '$1' is unknown or needs a value; see --help" 2
  case $1 in
    --out) out=$2 ;;
    --node) nodes+=("$2") ;;
    --client) clients+=("$2") ;;
    --days) days=$2 ;;
    --expired | --unknown-ca | --forged | --nameless) bad+=("${1#--}=$2") ;;
    *) fail "unknown option '$1'; see --help" 2 ;;
  esac
  shift 2
done
[ -n "$out" ] || fail "say where to with --out DIR" 2
[ "${#nodes[@]}" -gt 0 ] || fail "name at least one node with --node CODE[:SUITE]" 2
[[ $days =~ ^[1-9][0-9]{0,3}$ ]] && [ "$days" -ge 2 ] ||
  fail "--days takes 2 to 9999, not '$days'" 2

# The code is the host part of hugang:// names, hence the letters of a host name.
check_node() {
  [[ $1 =~ ^[a-z][a-z0-9-]{0,30}$ ]] || fail "'$1' is no node code: use a-z, 0-9 and -" 2
  [ "$1" != bad ] || fail "'bad' is the folder of certificates to refuse: choose another code" 2
}
check_code() {
  [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9-]{0,34}$ ]] ||
    fail "'$1' is no identity code: use letters, digits and -" 2
}

mkdir -p "$out"
chmod 755 "$out"
work=$(mktemp -d "$out/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT

# All certificates come from these sections; SAN and PERMITTED are set for each.
# A CA may only speak for the names of its own node: that is what nameConstraints says, and OpenSSL
# enforces it on both sides of every handshake.
cat >"$work/openssl.cnf" <<'CONFIG'
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
[name]
[ca]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical,@permitted
[permitted]
permitted;URI = ${ENV::PERMITTED}
permitted;DNS = localhost
permitted;IP = 127.0.0.1/255.255.255.255
[node]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${ENV::SAN}
[client]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${ENV::SAN}
CONFIG

# Runs openssl; what it says is shown only where it fails.
run_openssl() {
  if ! PERMITTED=${permitted:-none} SAN=${san:-URI:none} \
    openssl "$@" >/dev/null 2>"$work/said"; then
    cat "$work/said" >&2
    fail "openssl $1 failed; see the lines above"
  fi
}

# certificate_is_good FILE: it exists and is valid for another day.
certificate_is_good() {
  [ -f "$1" ] && openssl x509 -in "$1" -noout -checkend 86400 >/dev/null 2>&1
}

# make_ca DIR NODE: DIR/ca.key and DIR/ca.pem, self-signed.
make_ca() {
  local dir=$1 node=$2
  certificate_is_good "$dir/ca.pem" && [ -f "$dir/ca.key" ] && return
  permitted=$node run_openssl req -x509 -config "$work/openssl.cnf" -extensions ca -sha256 \
    -days 3650 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
    -keyout "$work/ca.key" -out "$work/ca.pem" \
    -subj "/O=Hugang throw-away PKI/OU=$node/CN=$node CA"
  place "$work/ca" "$dir/ca"
}

# place FROM TO: moves FROM.key and FROM.pem into place; the certificate, readable by all, comes
# last, so that an interrupted run leaves no certificate without its key.
place() {
  chmod 644 "$1.pem"
  mv -f "$1.key" "$2.key"
  mv -f "$1.pem" "$2.pem"
}

# make_leaf SECTION CA_DIR NODE CODE SAN TO: TO.key and TO.pem, signed by CA_DIR's authority.
make_leaf() {
  local section=$1 ca=$2 node=$3 code=$4 san=$5 to=$6
  if ! $renew && certificate_is_good "$to.pem" && [ -f "$to.key" ]; then
    # A CA that was made anew leaves certificates that nobody can verify: those do not count.
    openssl verify -CAfile "$ca/ca.pem" "$to.pem" >/dev/null 2>&1 && return
  fi
  san=$san run_openssl req -x509 -config "$work/openssl.cnf" -extensions "$section" -sha256 \
    -days "$days" -CA "$ca/ca.pem" -CAkey "$ca/ca.key" \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$work/leaf.key" \
    -out "$work/leaf.pem" -subj "/O=Hugang throw-away PKI/OU=$node/CN=$code"
  place "$work/leaf" "$to"
}

# make_signing_key DIR SUITE: what signs envelopes; kept for good, since evidence refers to it.
make_signing_key() {
  local to=$1/signing-$2
  local algorithm=$2
  [ "$2" = sm2 ] && algorithm=SM2
  if [ ! -f "$to.key" ]; then
    run_openssl genpkey -algorithm "$algorithm" -out "$work/signing.key"
    mv "$work/signing.key" "$to.key"
    rm -f "$to.pub.pem"
  fi
  if [ ! -f "$to.pub.pem" ]; then
    run_openssl pkey -in "$to.key" -pubout -out "$work/signing.pub.pem"
    chmod 644 "$work/signing.pub.pem"
    mv "$work/signing.pub.pem" "$to.pub.pem"
  fi
}

make_node() {
  local node=${1%%:*} suite=ed25519 code
  [[ $1 == *:* ]] && suite=${1#*:}
  check_node "$node"
  case $suite in
    ed25519 | sm2) ;;
    *) fail "suite '$suite' of node '$node' is unknown; use ed25519 or sm2" 2 ;;
  esac
  local dir=$out/$node
  mkdir -p "$dir/clients"
  chmod 755 "$dir" "$dir/clients"
  make_ca "$dir" "$node"
  make_leaf node "$dir" "$node" node \
    "URI:hugang://$node/node,DNS:localhost,IP:127.0.0.1" "$dir/node"
  make_signing_key "$dir" ed25519
  make_signing_key "$dir" sm2
  ln -sfn "signing-$suite.key" "$dir/signing.key"
  ln -sfn "signing-$suite.pub.pem" "$dir/signing.pub.pem"
  for code in operator regulator monitor; do make_client "$node:$code"; done
}

make_client() {
  [[ $1 == *:* ]] || fail "a client is named NODE:CODE, not '$1'" 2
  local node=${1%%:*} code=${1#*:}
  check_node "$node"
  check_code "$code"
  [ "$code" != node ] || fail "the code 'node' is the node's own: choose another for '$1'" 2
  [ -f "$out/$node/ca.key" ] ||
    fail "client '$1' is of a node that has no CA here; add --node $node" 2
  make_leaf client "$out/$node" "$node" "$code" \
    "URI:hugang://$node/$code" "$out/$node/clients/$code"
}

# Every node trusts every CA for the channel between nodes; its own comes first.
write_bundles() {
  local own other
  cat "$out"/*/ca.pem >"$work/bundle"
  install_bundle "$out/ca-bundle.pem"
  for own in "$out"/*/ca.pem; do
    {
      cat "$own"
      for other in "$out"/*/ca.pem; do [ "$other" = "$own" ] || cat "$other"; done
    } >"$work/bundle"
    install_bundle "$(dirname "$own")/ca-bundle.pem"
  done
}
install_bundle() {
  cmp -s "$work/bundle" "$1" && return
  chmod 644 "$work/bundle"
  cp "$work/bundle" "$1.new"
  chmod 644 "$1.new"
  mv -f "$1.new" "$1"
}

# openssl req cannot look back, and openssl x509 can only end a lifetime on whole days: `-days -1`
# ends it yesterday.
make_expired() {
  local node=$1 code=$2 to=$3
  san="URI:hugang://$node/$code" run_openssl req -new -config "$work/openssl.cnf" -sha256 \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$work/leaf.key" \
    -out "$work/leaf.csr" -subj "/O=Hugang throw-away PKI/OU=$node/CN=$code"
  san="URI:hugang://$node/$code" run_openssl x509 -req -in "$work/leaf.csr" -days -1 -sha256 \
    -CA "$out/$node/ca.pem" -CAkey "$out/$node/ca.key" \
    -extfile "$work/openssl.cnf" -extensions client -out "$work/leaf.pem"
  place "$work/leaf" "$to"
}

make_bad() {
  local kind=${1%%=*} name=${1#*=} by=''
  if [ "$kind" = forged ]; then
    by=${name%%:*} name=${name#*:}
    check_node "$by"
    [ -f "$out/$by/ca.key" ] || fail "--forged needs --node $by" 2
  fi
  [[ $name == *:* ]] || fail "--$kind: '$name' lacks a part; see --help" 2
  local node=${name%%:*} code=${name#*:}
  check_node "$node"
  check_code "$code"
  [ "$kind" = forged ] || [ "$kind" = unknown-ca ] || [ -f "$out/$node/ca.key" ] ||
    fail "--$kind needs --node $node" 2
  local dir=$out/bad/$kind
  local to=$dir/${by:+$by-as-}$node-$code
  mkdir -p "$dir"
  chmod 755 "$out/bad" "$dir"
  local san="URI:hugang://$node/$code"
  case $kind in
    expired) [ -f "$to.pem" ] || make_expired "$node" "$code" "$to" ;;
    unknown-ca)
      mkdir -p "$dir/$node"
      chmod 755 "$dir/$node"
      make_ca "$dir/$node" "$node"
      make_leaf client "$dir/$node" "$node" "$code" "$san" "$to"
      ;;
    forged) make_forged "$out/$by" "$node" "$code" "$to" ;;
    nameless) make_leaf client "$out/$node" "$node" "$code" "DNS:localhost" "$to" ;;
  esac
}

# A forged certificate never verifies, so it is kept as soon as it is there.
make_forged() {
  [ -f "$4.pem" ] && ! $renew && return
  make_leaf client "$1" "$2" "$3" "URI:hugang://$2/$3" "$4"
}

for node in "${nodes[@]}"; do make_node "$node"; done
for client in "${clients[@]}"; do make_client "$client"; done
for name in "${bad[@]}"; do make_bad "$name"; done
write_bundles
echo "pki: ${#nodes[@]} nodes and ${#clients[@]} participants in $out"
