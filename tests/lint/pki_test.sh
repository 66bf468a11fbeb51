#!/usr/bin/env bash
# Tests deploy/pki/make-pki.sh: chains, names, modes, idempotence, and that what must be refused is.
# usage: pki_test.sh SOURCE_DIR
set -uo pipefail
make_pki=$1/deploy/pki/make-pki.sh
pki=$(mktemp -d)
trap 'rm -rf "$pki"' EXIT
failures=0

# expect SENTENCE COMMAND...: the command must succeed. refuse: it must fail.
expect() {
  local sentence=$1; shift
  if ! "$@" >"$pki.out" 2>&1; then
    echo "FAILED: $sentence"; sed 's/^/    /' "$pki.out"; failures=$((failures + 1))
  fi
  rm -f "$pki.out"
}
refuse() {
  local sentence=$1; shift
  if "$@" >/dev/null 2>&1; then echo "FAILED: $sentence"; failures=$((failures + 1)); fi
}
has_mode() { [ "$(stat -c %a "$2")" = "$1" ]; }
names_of() { openssl x509 -in "$1" -noout -ext subjectAltName | sed 1d | tr -d ' '; }
names_are() { [ "$(names_of "$1")" = "$2" ]; }
verify_says() {  # verify_says BUNDLE CERTIFICATE WORDS: it is refused, and with these words
  local said
  said=$(openssl verify -CAfile "$1" "$2" 2>&1) && return 1
  grep -q "$3" <<<"$said"
}
may_be() { openssl verify -purpose "$1" -CAfile "$2" "$3"; }
is_key_of() { [ "$(openssl pkey -in "$1" -pubout)" = "$(openssl x509 -in "$2" -noout -pubkey)" ]; }
sums() { (cd "$pki" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
sums_of() { (cd "$pki" && sha256sum "$@"); }
signs() {  # signs FOLDER SUITE OPTION...: a signature by the private key verifies by the public one
  local dir=$1 suite=$2; shift 2
  printf 'one payment' >"$pki/message"
  openssl pkeyutl -sign -rawin "$@" -inkey "$dir/signing-$suite.key" \
    -in "$pki/message" -out "$pki/sig" &&
    openssl pkeyutl -verify -rawin "$@" -pubin -inkey "$dir/signing-$suite.pub.pem" \
      -in "$pki/message" -sigfile "$pki/sig"
  local status=$?
  rm -f "$pki/message" "$pki/sig"
  return $status
}

arguments=(--out "$pki" --node shanghai:sm2 --node hongkong:ed25519 --node singapore
  --client shanghai:HGSHCNSHXXX --client hongkong:HGKBHKHHXXX --client singapore:HGSGSGSGXXX
  --expired shanghai:HGSHCNSHXXX --unknown-ca shanghai:HGSHCNSHXXX
  --forged hongkong:shanghai:HGSHCNSHXXX --nameless shanghai:ghost)
expect 'the whole PKI of three cities is made' "$make_pki" "${arguments[@]}"

for node in shanghai hongkong singapore; do
  dir=$pki/$node
  for leaf in "$dir/node.pem" "$dir"/clients/*.pem; do
    expect "$leaf chains to its own CA" openssl verify -x509_strict -CAfile "$dir/ca.pem" "$leaf"
    expect "$leaf may be a TLS client" may_be sslclient "$dir/ca.pem" "$leaf"
    expect "$leaf has its key" is_key_of "${leaf%.pem}.key" "$leaf"
  done
  expect "$node's node certificate may be a TLS server" \
    may_be sslserver "$dir/ca.pem" "$dir/node.pem"
  refuse "$node's operator certificate may be a TLS server" \
    may_be sslserver "$dir/ca.pem" "$dir/clients/operator.pem"
  expect "$node's node certificate has the node's names" \
    names_are "$dir/node.pem" "URI:hugang://$node/node,DNS:localhost,IPAddress:127.0.0.1"
  for code in operator regulator monitor; do
    expect "$node has a certificate for its $code" \
      names_are "$dir/clients/$code.pem" "URI:hugang://$node/$code"
  done
  for peer in shanghai hongkong singapore; do
    expect "$node's bundle verifies $peer" \
      openssl verify -CAfile "$dir/ca-bundle.pem" "$pki/$peer/node.pem"
    [ $peer = $node ] || refuse "$node's own CA verifies $peer's node" \
      openssl verify -CAfile "$dir/ca.pem" "$pki/$peer/node.pem"
  done
  expect "$node's bundle begins with its own CA" \
    cmp -n "$(stat -c %s "$dir/ca.pem")" "$dir/ca.pem" "$dir/ca-bundle.pem"
  expect "$node's Ed25519 key signs" signs "$dir" ed25519
  expect "$node's SM2 key signs with SM3" \
    signs "$dir" sm2 -digest sm3 -pkeyopt distid:1234567812345678
done
expect 'a participant has its own name' \
  names_are "$pki/shanghai/clients/HGSHCNSHXXX.pem" "URI:hugang://shanghai/HGSHCNSHXXX"
expect 'shanghai signs SM2' cmp "$pki/shanghai/signing.key" "$pki/shanghai/signing-sm2.key"
expect 'hongkong signs Ed25519' cmp "$pki/hongkong/signing.key" "$pki/hongkong/signing-ed25519.key"

while IFS= read -r file; do expect "$file is private" has_mode 600 "$file"; done \
  < <(find "$pki" -type f -name '*.key')
while IFS= read -r file; do expect "$file is readable" has_mode 644 "$file"; done \
  < <(find "$pki" -type f -name '*.pem')
expect 'nothing is left of the making' test -z "$(find "$pki" -name '.making*' -o -name '*.new')"

bundle=$pki/shanghai/ca-bundle.pem
expect 'the expired certificate is refused for its date' \
  verify_says "$bundle" "$pki/bad/expired/shanghai-HGSHCNSHXXX.pem" 'certificate has expired'
expect 'the unknown CA is refused' \
  verify_says "$bundle" "$pki/bad/unknown-ca/shanghai-HGSHCNSHXXX.pem" 'unable to get local issuer'
expect "Hong Kong's CA cannot speak for Shanghai" \
  verify_says "$bundle" "$pki/bad/forged/hongkong-as-shanghai-HGSHCNSHXXX.pem" 'permitted subtree'
expect 'the nameless certificate chains, so that only its missing name is wrong' \
  openssl verify -CAfile "$bundle" "$pki/bad/nameless/shanghai-ghost.pem"
expect 'the nameless certificate has no hugang:// name' \
  names_are "$pki/bad/nameless/shanghai-ghost.pem" 'DNS:localhost'

before=$(sums)
expect 'a second run succeeds' "$make_pki" "${arguments[@]}"
expect 'a second run changes nothing' test "$before" = "$(sums)"

kept=(shanghai/ca.pem shanghai/ca.key shanghai/signing-sm2.key shanghai/signing-ed25519.key)
before=$(sums_of "${kept[@]}")
old_leaf=$(sums_of shanghai/node.pem shanghai/node.key shanghai/clients/operator.pem)
expect '--renew succeeds' "$make_pki" --out "$pki" --node shanghai:sm2 --renew
expect '--renew keeps the CA and the signing keys' test "$before" = "$(sums_of "${kept[@]}")"
refuse '--renew keeps no TLS certificate' \
  test "$old_leaf" = "$(sums_of shanghai/node.pem shanghai/node.key shanghai/clients/operator.pem)"
expect 'the renewed certificate chains' \
  openssl verify -CAfile "$pki/hongkong/ca-bundle.pem" "$pki/shanghai/node.pem"

rm "$pki/shanghai/ca.key"
expect 'a CA without its key is made anew, with all that it signed' "$make_pki" "${arguments[@]}"
expect 'its clients chain again' \
  openssl verify -CAfile "$pki/shanghai/ca.pem" "$pki/shanghai/clients/HGSHCNSHXXX.pem"
expect 'its peers know the new CA' \
  openssl verify -CAfile "$pki/hongkong/ca-bundle.pem" "$pki/shanghai/node.pem"

refuse 'a node code with a slash is accepted' "$make_pki" --out "$pki" --node ../evil
refuse 'an unknown suite is accepted' "$make_pki" --out "$pki" --node macau:rsa
refuse 'a client of an unknown node is accepted' \
  "$make_pki" --out "$pki" --node shanghai:sm2 --client macau:HGMOMOMXXXX
refuse "the node's own code is accepted for a client" \
  "$make_pki" --out "$pki" --node shanghai:sm2 --client shanghai:node
refuse 'an option without a value is accepted' "$make_pki" --out

[ $failures -eq 0 ] && echo 'all expectations on the PKI hold'
exit $((failures > 0))
