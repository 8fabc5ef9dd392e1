"""Golden text states of prompts with weights and of long prompts, for the tests of atelier.inference.

    python scripts/conformance/pictures/weighting.py
writes inference/src/test/resources/atelier/inference/weighting.safetensors for the tiny SD 1.x model. Needs compel 2.5.1.

Prompts without weights come from compel itself, with truncate_long_prompts=False and windows of 75 tokens whatever the words (at whole multiples of 75 tokens it adds a window
that is empty, which we do not). Prompts with weights come from AUTOMATIC1111's
rules, written out here from their description: (word) counts 1.1 times, [word] 1/1.1 times, (word:1.3) 1.3 times, brackets multiply;
states are multiplied by their token's weight and brought back to their mean; 75 tokens make a window; BREAK ends one. For those the
script also prints how far compel's own way of weighting (towards the states of the empty prompt) lies from it.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts/conformance/golden")]

import torch
from compel import Compel
from compel.embeddings_provider import SplitLongTextMode
from transformers import CLIPTextModel, CLIPTokenizer

from common import MODELS, save

OUT = ROOT / "inference/src/test/resources/atelier/inference/weighting.safetensors"
# Prompts as they are typed.
PLAIN = ["", "a red fox in the snow", "a castle on a hill, oil on canvas", "UPPER case and Ünïcode, 42 times",
         " ".join(f"word{i}" for i in range(39)), "a very long walk " * 30, "one two three four five six seven eight nine ten " * 9]
# (prompt, its windows: each a list of (text, weight), and the same for compel)
WEIGHTED = [
    ("a (red) fox", [[("a ", 1), ("red", 1.1), (" fox", 1)]], "a (red)1.1 fox"),
    ("a ((red)) fox", [[("a ", 1), ("red", 1.1 * 1.1), (" fox", 1)]], "a (red)1.21 fox"),
    ("a (red:1.5) fox", [[("a ", 1), ("red", 1.5), (" fox", 1)]], "a (red)1.5 fox"),
    ("a [red] fox", [[("a ", 1), ("red", 1 / 1.1), (" fox", 1)]], "a (red)0.9090909 fox"),
    ("a [[red]] fox", [[("a ", 1), ("red", 1 / 1.1 / 1.1), (" fox", 1)]], "a (red)0.8264463 fox"),
    ("a (red fox:0.4) in snow", [[("a ", 1), ("red fox", 0.4), (" in snow", 1)]], "a (red fox)0.4 in snow"),
    ("(a (red:1.3) fox)", [[("a ", 1.1), ("red", 1.3 * 1.1), (" fox", 1.1)]], "(a (red)1.3 fox)1.1"),
    (r"a \(red\) fox", [[("a (red) fox", 1)]], None),
    ("a (red fox", [[("a ", 1), ("red fox", 1.1)]], None),
    ("a red fox BREAK in (deep:1.2) snow", [[("a red fox", 1)], [("in ", 1), ("deep", 1.2), (" snow", 1)]], None),
    ("(masterpiece:1.2), a fox, (blurry:0.5)", [[("masterpiece", 1.2), (", a fox, ", 1), ("blurry", 0.5)]], "(masterpiece)1.2, a fox, (blurry)0.5"),
    ("a fox (in the snow:0)", [[("a fox ", 1), ("in the snow", 0)]], None),
    ("a (red:1.3) fox " * 25, "long", None),
]


def window(tokenizer, encoder, ids, weights):
    """One window: marks and padding count 1; states times weights, then one factor that brings the mean back."""
    room = tokenizer.model_max_length
    row = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]
    row += [tokenizer.pad_token_id] * (room - len(row))
    factors = torch.tensor([1.0, *weights, *[1.0] * (room - 1 - len(weights))])
    states = encoder(torch.tensor([row])).last_hidden_state[0]
    mean = states.mean()
    weighted = states * factors[:, None]
    return weighted * (mean / weighted.mean()) if any(w != 1 for w in weights) else states


def ids(tokenizer, text):
    return tokenizer(text, add_special_tokens=False, truncation=False).input_ids


def automatic(tokenizer, encoder, windows):
    states = []
    for parts in windows:
        tokens = [(i, w) for text, w in parts for i in ids(tokenizer, text)]
        room = tokenizer.model_max_length - 2
        for start in range(0, max(1, len(tokens)), room):
            piece = tokens[start:start + room]
            states.append(window(tokenizer, encoder, [i for i, _ in piece], [w for _, w in piece]))
    return torch.cat(states)


def main():
    tokenizer = CLIPTokenizer.from_pretrained(MODELS / "sd1" / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(MODELS / "sd1" / "text_encoder").eval()
    compel = Compel(tokenizer=tokenizer, text_encoder=encoder, truncate_long_prompts=False, split_long_text_mode=SplitLongTextMode.BRUTAL)
    tensors, prompts = {}, []
    with torch.no_grad():
        for prompt in PLAIN:
            tensors[f"out.{len(prompts)}"] = compel(prompt)[0]
            prompts.append(prompt)
        for prompt, windows, same in WEIGHTED:
            if windows == "long":
                windows = [[part for _ in range(25) for part in (("a ", 1), ("red", 1.3), (" fox ", 1))]]
            tensors[f"out.{len(prompts)}"] = states = automatic(tokenizer, encoder, windows)
            prompts.append(prompt)
            if same is not None:
                other = compel(same)[0]
                print(f"{prompt!r}: compel's weighting differs by {(other - states).abs().max():.3f} of {states.abs().max():.3f}")
    save(OUT, tensors, prompts=prompts)


if __name__ == "__main__":
    main()
