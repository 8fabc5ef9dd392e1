"""Clients of others against the studio, unchanged and with authentication on. Each draws what generate draws, by its pixels.

Usage: clients.py [NAME ...], of webuiapi, sd-backend-client, openai, node, ligsp, notebook; all without names.
node needs `npm install` in this folder, or ATELIER_NODE naming a folder with node_modules.
"""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image, ImageDraw

from studio import ROOT, Studio, generate, pixels

HERE = Path(__file__).resolve().parent
ASKED = ["prompt=a red fox", "seed=7", "steps=6", "guidance_scale=7", "width=128", "height=128"]


def same(name, drawn, expected):
    """Ends the check where a client's picture is not generate's."""
    if [pixels(each) for each in drawn] != expected:
        raise SystemExit(f"{name}: the pictures differ from generate's")
    print(f"{name}: {len(drawn)} pictures as generate draws them")


def start(folder):
    """A picture to start from, and a mask: white is drawn anew."""
    picture = Image.new("RGB", (128, 128), (40, 90, 160))
    ImageDraw.Draw(picture).ellipse((32, 32, 96, 96), fill=(230, 180, 40))
    mask = Image.new("RGB", (128, 128), "black")
    ImageDraw.Draw(mask).rectangle((0, 0, 63, 127), fill="white")
    picture.save(folder / "start.png")
    mask.save(folder / "mask.png")
    return picture, mask


def webuiapi(studio):
    import webuiapi as package

    api = package.WebUIApi(host="127.0.0.1", port=studio.port, sampler="Euler", steps=6,
                           username="anybody", password=studio.key)
    result = api.txt2img(prompt="a red fox", seed=7, width=128, height=128, batch_size=2)
    same("webuiapi txt2img", result.images, generate(studio.folder, *ASKED, "sampler=euler", "count=2"))
    assert result.info["all_seeds"] == [7, 8], result.info
    picture, mask = start(studio.folder)
    common = dict(images=[picture], prompt="a red fox", seed=7, width=128, height=128, denoising_strength=0.6)
    begun = [*ASKED, "sampler=euler", "strength=0.6", f"init_image={studio.folder}/start.png"]
    same("webuiapi img2img", api.img2img(**common).images, generate(studio.folder, *begun))
    masked = api.img2img(**common, mask_image=mask, mask_blur=0, inpainting_fill=1, inpaint_full_res=False)
    same("webuiapi inpainting", masked.images, generate(studio.folder, *begun, f"mask={studio.folder}/mask.png"))
    try:
        api.img2img(**common, mask_image=mask)
        raise SystemExit("webuiapi: a soft mask was ignored in silence")
    except RuntimeError as e:
        assert e.args[0] == 422 and "are not supported" in e.args[1], e
    try:
        api.txt2img(prompt="a fox", tiling=True)
        raise SystemExit("webuiapi: tiling was ignored in silence")
    except RuntimeError as e:
        assert e.args[0] == 422 and "tiling" in e.args[1], e
    for call in ("get_options", "get_progress", "get_cmd_flags", "get_samplers", "get_sd_vae", "get_upscalers",
                 "get_latent_upscale_modes", "get_loras", "get_sd_models", "get_hypernetworks", "get_face_restorers",
                 "get_realesrgan_models", "get_prompt_styles", "refresh_checkpoints", "get_scripts",
                 "get_embeddings", "get_memory", "get_schedulers", "interrupt", "skip", "util_get_model_names",
                 "util_get_current_model", "util_wait_for_ready"):
        getattr(api, call)()
    api.set_options({"sd_model_checkpoint": api.util_get_model_names()[0]})
    told = api.png_info(result.images[0])
    assert "Steps: 6" in told.info, told.info
    print("webuiapi: lists, options, progress and png-info are read")


def sd_backend_client(studio):
    from sd_backend_client.api.a1111_webservice import A1111Webservice
    from sd_backend_client.api.webui.diffusion_request_body import DiffusionRequestBody

    service = A1111Webservice(studio.url, credentials_provider=lambda: ("anybody", studio.key))
    body = DiffusionRequestBody(prompt="a red fox", seed=7, steps=6, cfg_scale=7, width=128, height=128,
                                sampler="euler", scheduler="karras")
    result = service.txt2img(body)
    same("sd-backend-client txt2img", result["images"],
         generate(studio.folder, *ASKED, "sampler=euler", "sigma_schedule=karras"))
    assert result["info"].all_seeds == [7], result["info"]
    handle = service.submit_txt2img(body)
    same("sd-backend-client submit", handle.wait()["images"] if isinstance(handle.wait(), dict)
         else handle.wait().images, [pixels(each) for each in result["images"]])
    picture, _ = start(studio.folder)
    body.denoising_strength = 0.6
    same("sd-backend-client img2img", service.img2img(picture, request_body=body)["images"],
         generate(studio.folder, *ASKED, "sampler=euler", "sigma_schedule=karras", "strength=0.6",
                  f"init_image={studio.folder}/start.png"))
    print("sd-backend-client:", [each.name for each in service.list_checkpoints()], service.list_samplers()[0].name,
          len(service.list_schedulers()), service.list_loras(), service.list_vaes(), service.list_upscalers(),
          service.get_capabilities(), service.progress_check().state.job_count, service.interrupt(),
          service.get_script_info(), service.get_styles(), service.get_latent_upscale_modes())
    for answer in (service.refresh_checkpoints(), service.refresh_vae(), service.refresh_loras()):
        assert answer.json() == {}, answer.text


def openai(studio):
    import openai as package

    client = package.OpenAI(base_url=f"{studio.url}/v1", api_key=studio.key, max_retries=0)
    model = client.models.list().data[0].id
    assert client.models.retrieve(model).id == model
    own = {"seed": 7, "steps": 6, "guidance_scale": 7}
    drawn = client.images.generate(model=model, prompt="a red fox", n=2, size="128x128", response_format="b64_json",
                                   extra_body=own)
    same("openai generations", [base64.b64decode(each.b64_json) for each in drawn.data],
         generate(studio.folder, *ASKED, "count=2"))
    picture, _ = start(studio.folder)
    clear = picture.convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 64, 128))
    clear.save(studio.folder / "clear.png")
    with open(studio.folder / "start.png", "rb") as image, open(studio.folder / "clear.png", "rb") as mask:
        edited = client.images.edit(model=model, image=image, mask=mask, prompt="a red fox", size="128x128",
                                    extra_body=own)
    same("openai edits", [base64.b64decode(each.b64_json) for each in edited.data],
         generate(studio.folder, *ASKED, f"init_image={studio.folder}/start.png", f"mask={studio.folder}/mask.png"))
    try:
        client.images.generate(model="no-such-model", prompt="a fox")
        raise SystemExit("openai: a model that is not there was not refused")
    except package.NotFoundError as e:
        assert e.code == "model_not_found", e
    try:
        client.images.generate(prompt="a fox", response_format="url")
        raise SystemExit("openai: response_format=url was not refused")
    except package.BadRequestError as e:
        assert e.param == "response_format", e
    print("openai: models and errors are read")


def node(studio):
    start(studio.folder)
    folder = Path(os.environ.get("ATELIER_NODE", HERE))
    script = (HERE / "client.mjs").read_text()
    done = subprocess.run(["node", "--input-type=module", "-", studio.url, studio.key, str(studio.folder)],
                          input=script, text=True, cwd=folder, capture_output=True)
    if done.returncode:
        raise SystemExit("node-sd-webui: " + done.stderr)
    told = json.loads(done.stdout)
    same("node-sd-webui txt2img", [base64.b64decode(each) for each in told["drawn"]],
         generate(studio.folder, *ASKED, "sampler=euler"))
    same("node-sd-webui img2img", [base64.b64decode(each) for each in told["begun"]],
         generate(studio.folder, *ASKED, "sampler=euler", f"init_image={studio.folder}/start.png"))
    assert told["read"]["seed"] == 7 and told["read"]["steps"] == 6, told["read"]
    print("node-sd-webui: png-info is read")


def ligsp(studio):
    """An independent checker of security: nothing may fail."""
    done = subprocess.run([sys.executable, "-m", "ligsp", "check", studio.url, "--json", str(studio.folder / "ligsp.json")],
                          capture_output=True, text=True)
    print(done.stdout.strip())
    if done.returncode:
        raise SystemExit("ligsp: " + done.stderr)


def notebook(studio):
    """The code of docs/notebook.ipynb, in one go, as a reader would run it."""
    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text())["cells"]
    code = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    done = subprocess.run([sys.executable, "-"], input=code, text=True, capture_output=True, cwd=ROOT,
                          env={**os.environ, "ATELIER_URL": studio.url, "ATELIER_KEY": studio.key,
                               "ATELIER_STEPS": "4"})
    print(done.stdout.strip())
    if done.returncode:
        raise SystemExit("the notebook: " + done.stderr)


def starts_at_once(studio):
    """How long after it is asked the second picture is begun."""
    def call(method, path, body=None):
        request = urllib.request.Request(studio.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {studio.key}",
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    asked = {"set": {"prompt": "a red fox", "seed": 7, "steps": 6}}
    for number in range(2):
        told = call("POST", "/api/v1/draws", asked)
        while told["state"] not in ("done", "failed"):
            time.sleep(0.05)
            told = call("GET", f"/api/v1/draws/{told['id']}")
    milliseconds = 1000 * (clock(told["started"]) - clock(told["asked"]))
    print(f"a second picture is begun {milliseconds:.0f} ms after it is asked")
    assert milliseconds < 50, milliseconds


def clock(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


CHECKS = {"webuiapi": webuiapi, "sd-backend-client": sd_backend_client, "openai": openai, "node": node,
          "ligsp": ligsp, "starts-at-once": starts_at_once, "notebook": notebook}

if __name__ == "__main__":
    names = sys.argv[1:] or list(CHECKS)
    with Studio() as running:
        for name in names:
            CHECKS[name](running)
