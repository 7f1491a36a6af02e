# SPDX-License-Identifier: Apache-2.0
"""Rebuilds vectors.json without any code of this project: Python's json and hashlib, and OpenSSL's command line.

Run it in this folder: python3 make.py > vectors.json. Keys and ECDSA are random, so every run differs.
"""
import base64, hashlib, json, subprocess, tempfile, os

FILES = {"a.bin": b"weights", "sub/b": b"", "\u00e9": b"0123456789"}
TYPE = "application/vnd.in-toto+json"


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def pae(payload):
    return b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload)


def pae_v02(payload):  # model-signing 0.2.0 formatted the bytes object itself
    return f"DSSEV1 {len(TYPE)} {TYPE} {len(payload)} {payload!r}".encode()


def statement(method):
    resources = []
    for name, data in sorted(FILES.items()):
        pieces = [(name, data)] if method == "files" else [
            (f"{name}:{at}:{min(at + 4, len(data))}", data[at:at + 4]) for at in range(0, len(data), 4)]
        resources += [{"name": n, "algorithm": "sha256", "digest": hashlib.sha256(d).hexdigest()} for n, d in pieces]
    resources.sort(key=lambda one: one["name"])
    root = hashlib.sha256(b"".join(bytes.fromhex(one["digest"]) for one in resources)).hexdigest()
    serialization = {"method": method, "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": [".git"]}
    if method == "shards":
        serialization["shard_size"] = 4.0
    return {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "model", "digest": {"sha256": root}}],
            "predicateType": "https://model_signing/signature/v1.0",
            "predicate": {"serialization": serialization, "resources": resources}}


def statement_v02():
    subject = [{"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()},
                "annotations": {"actual_hash_algorithm": "file-sha256"}} for name, data in FILES.items()]
    return {"_type": "https://in-toto.io/Statement/v1", "subject": subject,
            "predicateType": "https://model_signing/Digests/v0.1", "predicate": {"unused": "it's unused"}}


def vector(curve, digest, body, encode, legacy):
    payload = json.dumps(body, indent=2, ensure_ascii=False).encode()
    with tempfile.TemporaryDirectory() as folder:
        key = os.path.join(folder, "key.pem")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", key)
        public = openssl("pkey", "-in", key, "-pubout")
        signature = openssl("dgst", f"-{digest}", "-sign", key, data=encode(payload))
    material = {"rawBytes": base64.b64encode(public).decode()} if legacy else {"hint": hashlib.sha256(public).hexdigest()}
    return {"key": public.decode(), "rootDigest": body["subject"][0]["digest"]["sha256"], "bundle": {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "verificationMaterial": {"publicKey": material},
        "dsseEnvelope": {"payload": base64.b64encode(payload).decode(), "payloadType": TYPE,
                         "signatures": [{"sig": base64.b64encode(signature).decode()}]}}}


print(json.dumps({
    "P-256 files": vector("P-256", "sha256", statement("files"), pae, False),
    "P-384 shards": vector("P-384", "sha384", statement("shards"), pae, False),
    "P-521 files": vector("P-521", "sha512", statement("files"), pae, True),
    "P-384 as model-signing 0.2.0": vector("P-384", "sha256", statement_v02(), pae_v02, True),
}, indent=1))
