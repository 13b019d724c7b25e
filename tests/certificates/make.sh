#!/bin/sh
# Makes the certificates of this folder anew, with OpenSSL 3. The private keys
# are thrown away; the tests need none. All are valid from 2024 to 2044, but for
# `expired`, which ended in 2021, and `ed25519`, which begins when it is made.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT
touch "$keys/index"
cat > "$keys/ca.cnf" <<CNF
[ca]
default_ca = own
[own]
database = $keys/index
new_certs_dir = $keys
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CNF

# name, key options, first day, last day
certificate() {
    name=$1 first=$2 last=$3; shift 3
    openssl genpkey "$@" -out "$keys/$name.key" 2>/dev/null
    openssl req -new -key "$keys/$name.key" -subj "/CN=$name.example" -out "$keys/$name.csr"
    openssl ca -batch -notext -selfsign -config "$keys/ca.cnf" -keyfile "$keys/$name.key" \
        -in "$keys/$name.csr" -startdate "$first" -enddate "$last" -out "$name.pem" 2>/dev/null
    openssl pkey -in "$keys/$name.key" -pubout -outform DER -out "$name.spki.der"
}

certificate rsa 20240101000000Z 20440101000000Z -algorithm RSA -pkeyopt rsa_keygen_bits:2048
certificate p256 20240101000000Z 20440101000000Z -algorithm EC -pkeyopt ec_paramgen_curve:P-256
certificate p384 20240101000000Z 20440101000000Z -algorithm EC -pkeyopt ec_paramgen_curve:P-384
certificate p521 20240101000000Z 20440101000000Z -algorithm EC -pkeyopt ec_paramgen_curve:P-521
certificate expired 20200101000000Z 20210101000000Z -algorithm EC -pkeyopt ec_paramgen_curve:P-256
certificate rsa1024 20240101000000Z 20440101000000Z -algorithm RSA -pkeyopt rsa_keygen_bits:1024
certificate k256 20240101000000Z 20440101000000Z -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1

# `openssl ca` signs with a digest, which Ed25519 has none of.
openssl genpkey -algorithm ED25519 -out "$keys/ed25519.key"
openssl req -x509 -new -key "$keys/ed25519.key" -subj /CN=ed25519.example -days 7300 -out ed25519.pem
openssl pkey -in "$keys/ed25519.key" -pubout -outform DER -out ed25519.spki.der

openssl x509 -in rsa.pem -outform DER -out rsa.der
cat p256.pem rsa.pem expired.pem > chain.pem
openssl pkcs12 -export -nokeys -in p256.pem -out "$keys/p12" -passout pass:x
openssl pkcs12 -in "$keys/p12" -passin pass:x -nokeys 2>/dev/null | sed 's/$/\r/' > bag-attributes-crlf.pem
openssl base64 -A -in p256.pem > p256.pem.base64

# What people paste instead of a certificate.
cp "$keys/p256.csr" wrong-request.pem

# Public keys without a certificate.
openssl pkey -in "$keys/p256.key" -pubout -out public-key.pem
openssl x509 -in rsa.pem -pubkey -noout > rsa-public-key.pem
openssl rsa -pubin -in rsa-public-key.pem -RSAPublicKey_out -out rsa-pkcs1-public-key.pem
rm -f rsa1024.spki.der k256.spki.der expired.spki.der
