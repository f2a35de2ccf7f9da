"""Runs the Longformer of a folder in Hugging Face transformers, a forward pass for each line on stdin.

Usage: longformer.py FOLDER LENGTH THREADS

Prints "ready", then for each pass the first value of its result and the peak of the process's memory in bytes.
"""

import resource
import sys

import torch
from transformers import LongformerModel
from transformers.utils import logging

logging.disable_progress_bar()

folder, length, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
model = LongformerModel.from_pretrained(folder, add_pooling_layer=False).eval()
vocabulary = model.config.vocab_size
ids = torch.tensor([[0] + [3 + (index * 7919) % (vocabulary - 3) for index in range(1, length)]])
mask = torch.ones_like(ids)
global_mask = torch.zeros_like(ids)
global_mask[0, 0] = 1
print("ready", flush=True)
with torch.inference_mode():
    for _ in sys.stdin:
        out = model(input_ids=ids, attention_mask=mask, global_attention_mask=global_mask).last_hidden_state
        first = out[0, 0, 0].item()
        del out
        print(first, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
