"""A key of one run's own, with which the grader and the workers that it starts know each other.

Dask makes such a key as well, for RSA: to find its two primes takes a third of a second.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed.security import Security

LIFE = timedelta(days=365)


def security() -> Security:
    """Encryption, with a certificate that only this run has; it is kept in memory."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "autograder")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFE)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    roles = {f"tls_{role}_cert": public for role in ("client", "scheduler", "worker")}
    roles |= {f"tls_{role}_key": private for role in ("client", "scheduler", "worker")}
    return Security(require_encryption=True, tls_ca_file=public, **roles)
