"""What the Python clients of other services do here. Run by python.test.ts, one name a run; prints `ok NAME`."""

import base64
import io
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

KEY = os.environ["GLASSWORKS_KEY"]
POOR_KEY = os.environ["GLASSWORKS_POOR_KEY"]
URL = os.environ["GLASSWORKS_TEST_URL"]


def red(side=64):
    return Image.new("RGB", (side, side), (204, 48, 32))


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def raises(kind, ask):
    try:
        ask()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def openai_client():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/openai/v1", api_key=KEY)
    answer = client.images.generate(model="gpt-image-1", prompt="a red apple", n=2, size="64x64", output_format="webp")
    pictures = [Image.open(io.BytesIO(base64.b64decode(each.b64_json))) for each in answer.data]
    assert [picture.size for picture in pictures] == [(64, 64)] * 2 and pictures[0].format == "WEBP"
    mask = Image.new("RGBA", (64, 64), (255, 255, 255, 255))
    mask.paste((0, 0, 0, 0), (16, 16, 48, 48))
    edited = client.images.edit(model="dall-e-2", image=("a.png", png(red())), mask=("m.png", png(mask)), prompt="a leaf")
    picture = Image.open(io.BytesIO(base64.b64decode(edited.data[0].b64_json))).convert("RGB")
    assert picture.getpixel((1, 1)) == (204, 48, 32)
    varied = client.images.create_variation(image=("a.png", png(red())), size="64x64", response_format="url")
    assert varied.data[0].url.startswith("http")
    stream = client.images.generate(
        model="embedded", prompt="a blue fish", size="256x256", stream=True, partial_images=2,
        extra_body={"glassworks": {"steps": 40}},
    )
    events = list(stream)
    assert events[-1].type == "image_generation.completed"
    assert len({event.b64_json for event in events}) == len(events)
    assert "embedded" in [model.id for model in client.models.list()]
    draw = {"model": "embedded", "prompt": "a tree", "size": "64x64"}
    wrong = openai.OpenAI(base_url=f"{URL}/openai/v1", api_key="gw_wrongwrongwrongwrongwrong")
    raises(openai.AuthenticationError, lambda: wrong.images.generate(**draw))
    raises(openai.NotFoundError, lambda: client.images.generate(**{**draw, "model": "no/such"}))
    assert raises(openai.BadRequestError, lambda: client.images.generate(**draw, n=11)).param == "n"
    poor = openai.OpenAI(base_url=f"{URL}/openai/v1", api_key=POOR_KEY)
    raises(openai.PermissionDeniedError, lambda: poor.images.generate(**{**draw, "model": "flux"}))
    refused = raises(openai.RateLimitError, lambda: poor.images.generate(model="sd15", prompt="x", size="512x512", n=6))
    assert refused.code == "insufficient_quota"
    told = client.images.with_raw_response.generate(**draw)
    assert told.headers["x-glassworks-price"] == "$0" and told.headers["x-glassworks-job"].startswith("job_")
    for name in ["jpeg", "png"]:
        made = client.images.generate(**draw, output_format=name)
        assert Image.open(io.BytesIO(base64.b64decode(made.data[0].b64_json))).format == name.upper()
    edits = list(client.images.edit(model="embedded", image=("a.png", png(red())), prompt="a leaf", stream=True, partial_images=1))
    assert edits[-1].type == "image_edit.completed"


def fal_client():
    import fal_client
    import fal_client.client

    # Uploads have no setting of their own.
    fal_client.client.REST_URL = f"{URL}/fal/rest"
    fal_client.client.CDN_URL = f"{URL}/fal/cdn"
    small = {"prompt": "a red apple", "image_size": {"width": 64, "height": 64}, "num_inference_steps": 2}
    client = fal_client.SyncClient(key=KEY)
    assert client.run("glassworks/embedded", arguments=small)["images"][0]["width"] == 64
    seen = []
    result = client.subscribe("glassworks/embedded", arguments=small, with_logs=True, on_queue_update=seen.append)
    assert len(result["images"]) == 1
    assert any(isinstance(each, fal_client.Completed) for each in seen)
    logs = [line["message"] for each in seen if not isinstance(each, fal_client.Queued) for line in each.logs or []]
    assert "Price: $0" in logs and any(line.startswith("Finished generate") for line in logs), logs
    client.submit("glassworks/embedded", arguments={"prompt": "a tree", "num_images": 6, "num_inference_steps": 40})
    behind = client.submit("glassworks/embedded", arguments=small)
    events = list(behind.iter_events(with_logs=True))
    assert isinstance(events[0], fal_client.Queued) and events[0].position >= 0, events[0]
    assert isinstance(events[-1], fal_client.Completed) and events[-1].metrics["inference_time"] > 0
    assert behind.get()["images"]
    handle = client.submit("fal-ai/flux/dev", arguments={"prompt": "a tree"})
    status = handle.status(with_logs=True)
    assert isinstance(status, fal_client.Queued)
    handle.cancel()
    raises(fal_client.FalClientHTTPError, handle.get)
    address = client.upload(png(red()), "image/png", file_name="red.png")
    assert client.run("glassworks/embedded", arguments={**small, "image_url": address})["images"]
    assert client.run("glassworks/embedded", arguments={**small, "image_url": client.upload_image(red(), format="png")})["images"]
    events = list(client.stream("glassworks/embedded", arguments=small))
    assert events[-1]["images"]
    def talk():
        with client.realtime("glassworks/embedded"):
            pass

    refused = raises(fal_client.FalClientHTTPError, talk)
    assert refused.status_code == 404 and "stream" in str(refused)
    wrong = fal_client.SyncClient(key="gw_wrongwrongwrongwrongwrong")
    assert raises(fal_client.FalClientHTTPError, lambda: wrong.run("glassworks/embedded", arguments=small)).status_code == 401
    refused = raises(fal_client.FalClientHTTPError, lambda: client.run("glassworks/embedded", arguments={**small, "num_images": 0}))
    assert refused.status_code == 422 and "num_images" in str(refused)
    poor = fal_client.SyncClient(key=POOR_KEY)
    assert raises(fal_client.FalClientHTTPError, lambda: poor.run("fal-ai/flux/dev", arguments=small)).status_code == 403


def replicate_client():
    import replicate
    from replicate.exceptions import ReplicateError

    client = replicate.Client(api_token=KEY, base_url=f"{URL}/replicate")
    small = {"prompt": "a red apple", "width": 64, "height": 64, "num_inference_steps": 2}
    output = client.run("glassworks/embedded", input=small)
    assert Image.open(io.BytesIO(output[0].read())).size == (64, 64)
    version = client.models.get("glassworks/embedded").latest_version
    assert client.run(f"glassworks/embedded:{version.id}", input=small)
    made = client.predictions.create(version=version.id, input=small)
    made.wait()
    assert made.status == "succeeded" and made.progress.percentage == 1
    assert made.id in [each.id for each in client.predictions.list()]
    waiting = client.predictions.create(version="flux@1", input={"prompt": "a tree"})
    waiting.cancel()
    assert client.predictions.get(waiting.id).status == "canceled"
    kept = client.files.create(io.BytesIO(png(red())))
    assert client.files.get(kept.id).content_type == "image/png"
    assert kept.id in [each.id for each in client.files.list()]
    other = client.files.create(io.BytesIO(png(red(32))))
    client.files.delete(other.id)
    assert other.id not in [each.id for each in client.files.list()]
    assert client.accounts.current().type == "organization"
    assert client.hardware.list() == [] and client.collections.list().results == [] and client.trainings.list().results == []
    assert "embedded" in [each.name for each in client.models.search("embedded")]
    deployment = client.deployments.get("glassworks/embedded")
    made = deployment.predictions.create(input=small)
    made.wait()
    assert made.status == "succeeded" and made.output
    assert "operator" in raises(
        ReplicateError, lambda: client.models.create("me", "mine", visibility="private", hardware="cpu")
    ).detail
    assert client.run("glassworks/embedded", input={**small, "image": io.BytesIO(png(red()))})
    events = [str(event.event) for event in client.stream("glassworks/embedded", input=small)]
    assert events[-2:] == ["EventType.OUTPUT", "EventType.DONE"], events
    wrong = replicate.Client(api_token="gw_wrongwrongwrongwrongwrong", base_url=f"{URL}/replicate")
    assert raises(ReplicateError, lambda: wrong.run("glassworks/embedded", input=small)).status == 401
    assert raises(ReplicateError, lambda: client.run("someone/unknown", input=small)).status == 422
    assert "num_outputs" in raises(ReplicateError, lambda: client.run("glassworks/embedded", input={**small, "num_outputs": 0})).detail
    poor = replicate.Client(api_token=POOR_KEY, base_url=f"{URL}/replicate")
    assert raises(ReplicateError, lambda: poor.run("black-forest-labs/flux-dev", input=small)).status == 403
    assert raises(ReplicateError, lambda: poor.predictions.get(made.id)).status == 404
    assert raises(ReplicateError, lambda: poor.files.get(kept.id)).status == 404
    assert raises(ReplicateError, lambda: poor.files.delete(kept.id)).status == 404
    assert client.files.get(kept.id).id == kept.id


def webuiapi_client():
    import webuiapi

    api = webuiapi.WebUIApi(baseurl=f"{URL}/sdapi/v1", username="glassworks", password=KEY)
    made = api.txt2img(prompt="a red apple", width=64, height=64, steps=2, batch_size=2, seed=7)
    assert len(made.images) == 2 and made.image.size == (64, 64)
    assert made.info["all_seeds"] == [7, 8]
    again = api.img2img(images=[red()], prompt="a leaf", width=64, height=64, steps=4, denoising_strength=0.6)
    assert again.image.size == (64, 64)
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (16, 16, 48, 48))
    painted = api.img2img(images=[red()], mask_image=mask, prompt="a leaf", steps=4, mask_blur=2)
    assert painted.image.convert("RGB").getpixel((1, 1)) == (204, 48, 32)
    assert api.extra_single_image(image=red(), upscaler_1="drawing").image.size == (256, 256)
    assert len(api.extra_batch_images(images=[red(), red()], upscaler_1="drawing").images) == 2
    assert api.get_progress()["progress"] == 0
    draw = lambda: api.txt2img(prompt="a blue fish", width=512, height=512, steps=50, batch_size=4)
    with ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(draw)
        seen = []
        while not drawing.done():
            seen.append(api.get_progress())
            time.sleep(0.1)
        assert len(drawing.result().images) == 4
    assert any("ready in" in (each["textinfo"] or "") and each["eta_relative"] > 0 for each in seen), seen[:3]
    pictures = [each["current_image"] for each in seen if each["current_image"]]
    assert pictures, seen[-1]
    shown = Image.open(io.BytesIO(base64.b64decode(pictures[-1])))
    assert shown.size[0] > 0 and len(set(pictures)) > 1
    fractions = [each["progress"] for each in seen if each["state"]["job_count"]]
    assert fractions == sorted(fractions) and fractions[-1] > 0 and all(0 <= each <= 1 for each in fractions)
    assert api.get_progress()["state"]["job_count"] == 0
    assert "embedded" in api.util_get_model_names() and api.util_get_current_model() == "embedded"
    api.util_set_model("portrait")
    assert api.get_options()["sd_model_checkpoint"] == "portrait"
    api.set_options({"sd_model_checkpoint": "embedded"})
    assert "Euler" in api.util_get_sampler_names() and api.util_get_scheduler_names()
    assert api.get_upscalers() and api.get_scripts() and api.get_memory() and api.get_embeddings()
    api.interrupt()
    api.util_wait_for_ready()
    told = api.session.post(f"{URL}/sdapi/v1/txt2img", json={"prompt": "a hat", "width": 64, "height": 64, "steps": 2})
    assert told.headers["x-glassworks-price"] == "$0" and "generate" in told.headers["x-glassworks-price-lines"]
    raw = told.json()["images"][0]
    told = api.session.post(f"{URL}/sdapi/v1/png-info", json={"image": raw}).json()
    assert "a hat" in told["info"], told
    assert api.png_info(red()).info == ""
    assert "width" in str(raises(RuntimeError, lambda: api.txt2img(prompt="x", width=9999, height=64)))
    raises(RuntimeError, lambda: api.interrogate(red()))
    wrong = webuiapi.WebUIApi(baseurl=f"{URL}/sdapi/v1")
    wrong.set_auth("glassworks", "gw_wrongwrongwrongwrongwrong")
    assert raises(RuntimeError, lambda: wrong.txt2img(prompt="x")).args[0] == 401
    poor = webuiapi.WebUIApi(baseurl=f"{URL}/sdapi/v1", username="x", password=POOR_KEY)
    poor_model = {"sd_model_checkpoint": "flux"}
    assert raises(RuntimeError, lambda: poor.txt2img(prompt="x", override_settings=poor_model)).args[0] == 403


names = {"openai": openai_client, "fal": fal_client, "replicate": replicate_client, "webuiapi": webuiapi_client}
names[sys.argv[1]]()
print(f"ok {sys.argv[1]}")
