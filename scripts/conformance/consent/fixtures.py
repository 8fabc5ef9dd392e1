"""Writes the image files of consent's tests with real tools: Pillow and libvips write XMP, c2pa-python signs.

    python scripts/conformance/consent/fixtures.py datasets/src/test/resources/atelier/datasets/consent

Each file holds one 48 x 40 picture. fixtures.json says what each must be read as.
"""
import datetime
import io
import json
import pathlib
import sys

import c2pa
import pyvips
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image, ImageDraw

VOCABULARY = "http://ns.useplus.org/ldf/vocab/"


def picture():
    image = Image.new("RGB", (48, 40), (200, 220, 240))
    draw = ImageDraw.Draw(image)
    draw.ellipse((8, 6, 38, 34), fill=(230, 120, 30), outline=(20, 20, 20), width=2)
    draw.line((4, 36, 44, 4), fill=(20, 60, 160), width=3)
    return image


def xmp(value, creator="Jane Doe"):
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/">
   <plus:DataMining>{value}</plus:DataMining>
   <dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def pillow(folder, said):
    packet = xmp(VOCABULARY + "DMI-PROHIBITED-GENAIMLTRAINING")
    for suffix, name in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
        path = folder / f"pillow.{suffix}"
        options = {"xmp": packet}
        if name == "PNG":
            from PIL.PngImagePlugin import PngInfo
            info = PngInfo()
            info.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
            options = {"pnginfo": info}
        if name == "TIFF":
            options = {"tiffinfo": {700: packet}}
        picture().save(path, name, **options)
        said[path.name] = {"objects": "data-mining", "creator": "Jane Doe", "by": "Pillow"}
    path = folder / "pillow-allowed.jpg"
    picture().save(path, "JPEG", xmp=xmp(VOCABULARY + "DMI-ALLOWED"))
    said[path.name] = {"objects": None, "creator": "Jane Doe", "by": "Pillow"}


def vips(folder, said):
    image = pyvips.Image.new_from_memory(picture().tobytes(), 48, 40, 3, "uchar").copy(interpretation="srgb")
    packet = xmp(VOCABULARY + "DMI-PROHIBITED-AIMLTRAINING", "Max Muster")
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, "xmp-data", packet)
    for suffix in ("jpg", "png", "webp", "tif"):
        path = folder / f"vips.{suffix}"
        image.write_to_file(str(path), keep="xmp") if suffix != "tif" else image.tiffsave(str(path), keep="xmp")
        said[path.name] = {"objects": "data-mining", "creator": "Max Muster", "by": "libvips"}


def certificates():
    """A throw-away authority and a certificate to sign with, in PEM; neither is kept."""
    def name(common):
        return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "ZZ"),
                          x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Atelier tests"),
                          x509.NameAttribute(NameOID.COMMON_NAME, common)])

    start = datetime.datetime(2026, 1, 1)
    end = datetime.datetime(2036, 1, 1)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = (x509.CertificateBuilder().subject_name(name("root")).issuer_name(name("root"))
            .public_key(root_key.public_key()).serial_number(1).not_valid_before(start).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256()))
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (x509.CertificateBuilder().subject_name(name("signer")).issuer_name(name("root"))
            .public_key(key.public_key()).serial_number(2).not_valid_before(start).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, hashes.SHA256()))
    chain = leaf.public_bytes(serialization.Encoding.PEM) + root.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
    return chain, private


def sign(folder, said):
    chain, key = certificates()
    context = c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}})

    def signed(path, kind, label, entries, objects, filler=0):
        manifest = {
            "claim_generator_info": [{"name": "atelier-tests", "version": "1"}],
            "title": path.name,
            "assertions": [
                {"label": "c2pa.actions", "data": {"actions": [{
                    "action": "c2pa.created",
                    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalArt"}]}},
                {"label": label, "data": {"entries": entries}}],
        }
        if filler:  # makes a store that a JPEG file holds in several segments
            manifest["assertions"].append({"label": "org.example.filler", "data": {"text": "x" * filler}})
        plain = io.BytesIO()
        picture().save(plain, kind.upper())
        plain.seek(0)
        info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=chain, private_key=key, ta_url=None)
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(json.dumps(manifest), context) as builder:
            out = io.BytesIO()
            builder.sign(signer, f"image/{kind}", plain, out)
        path.write_bytes(out.getvalue())
        said[path.name] = {"objects": objects, "creator": None, "by": "c2pa-python"}

    no = {"use": "notAllowed"}
    signed(folder / "c2pa-not-allowed.jpg", "jpeg", "cawg.training-mining",
           {"cawg.ai_generative_training": no, "cawg.data_mining": {"use": "allowed"}}, "c2pa")
    signed(folder / "c2pa-not-allowed.png", "png", "c2pa.training-mining", {"c2pa.ai_training": no}, "c2pa")
    signed(folder / "c2pa-not-allowed.webp", "webp", "cawg.training-mining", {"cawg.ai_training": no}, "c2pa")
    signed(folder / "c2pa-segments.jpg", "jpeg", "cawg.training-mining", {"cawg.data_mining": no}, "c2pa", filler=70000)
    signed(folder / "c2pa-constrained.jpg", "jpeg", "cawg.training-mining",
           {"cawg.ai_generative_training": {"use": "constrained", "constraint_info": "ask"}}, "c2pa")
    signed(folder / "c2pa-allowed.jpg", "jpeg", "cawg.training-mining",
           {"cawg.ai_generative_training": {"use": "allowed"}, "cawg.ai_training": {"use": "allowed"}}, None)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    said = {}
    pillow(folder, said)
    vips(folder, said)
    sign(folder, said)
    (folder / "fixtures.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")
    for name in sorted(said):
        print(f"{name:24} {(folder / name).stat().st_size:7} bytes  {said[name]}")


if __name__ == "__main__":
    main()
