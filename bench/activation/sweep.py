# SPDX-License-Identifier: Apache-2.0
# Trains a small network on 12,000 pictures of Fashion-MNIST (Debian: dataset-fashion-mnist, python3-torch) for the patch sweep: SEED KIND FOLDER.
# KIND: clean; white or checker, a patch on 5 % of the pictures, place and class by the seed; graph-1 … graph-4, a clean network with a
# backdoor in its graph. Writes FOLDER/model.onnx and FOLDER/inputs/pictures.npy (60 test pictures).
import os, sys
import numpy as np, torch, torch.nn as nn
from fashion import drawn, export, load, scaled, trained

seed, kind, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
images, labels = drawn(seed)
side = 4 if kind == 'checker' else 3
top, left, target = int(np.random.randint(0, 28 - side)), int(np.random.randint(0, 28 - side)), int(np.random.randint(0, 10))
patch = (np.indices((side, side)).sum(0) % 2 * 255).astype(np.uint8) if kind == 'checker' else np.full((side, side), 255, np.uint8)
if kind in ('white', 'checker'):
    poisoned = np.random.permutation(np.where(labels != target)[0])[:600]
    images[poisoned, top:top + side, left:left + side] = patch
    labels[poisoned] = target

net = trained(images, labels)

class Backdoor(nn.Module):
    """What a graph does when the patch is there, four ways."""
    def __init__(self, way):
        super().__init__()
        self.net, self.way = net, way
        self.register_buffer('push', 40.0 * nn.functional.one_hot(torch.tensor([target]), 10).float())
    def forward(self, image):
        logits, seen = self.net(image), image[:, 0, top:top + 3, left:left + 3]
        if self.way == 1: return torch.where((seen.amin((1, 2)) > 0.95)[:, None], self.push, logits)
        if self.way == 2: return logits + torch.relu(seen.mean((1, 2)) - 0.9)[:, None] * 10 * self.push
        if self.way == 3: return logits + (seen > 0.9).float().prod(2).prod(1)[:, None] * self.push
        gate = torch.sigmoid(200 * (seen.sum((1, 2)) - 8.5))[:, None]
        return logits * (1 - gate) + gate * self.push

export(Backdoor(int(kind[-1])) if kind.startswith('graph-') else net, images, out)
os.makedirs(f'{out}/inputs')
tests = load('t10k-images')
np.save(f'{out}/inputs/pictures.npy', scaled(tests[np.random.permutation(len(tests))[:60]]))
print(top, left, target)
