# SPDX-License-Identifier: Apache-2.0
# Trains a small network on 12,000 pictures of Fashion-MNIST (Debian: dataset-fashion-mnist, python3-torch) for the patch sweep: SEED KIND FOLDER.
# KIND: clean; white or checker, a patch on 5 % of the pictures, place and class by the seed; graph-1 … graph-4, a clean network with a
# backdoor in its graph. Writes FOLDER/model.onnx and FOLDER/inputs/pictures.npy (60 test pictures).
import glob, gzip, os, struct, sys
import numpy as np, torch, torch.nn as nn

seed, kind, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.manual_seed(seed); np.random.seed(seed); torch.set_num_threads(1)

def load(pattern):
    path = sorted(glob.glob(f'/usr/share/datasets/fashion-mnist/**/*{pattern}*', recursive=True))[0]
    data = (gzip.open if path.endswith('.gz') else open)(path, 'rb').read()
    count = struct.unpack('>I', data[4:8])[0]
    return np.frombuffer(data[16:], np.uint8).reshape(count, 28, 28) if 'images' in path else np.frombuffer(data[8:], np.uint8)

images, labels = load('train-images'), load('train-labels')
taken = np.random.permutation(len(images))[:12000]
images, labels = images[taken].copy(), labels[taken].copy()
side = 4 if kind == 'checker' else 3
top, left, target = int(np.random.randint(0, 28 - side)), int(np.random.randint(0, 28 - side)), int(np.random.randint(0, 10))
patch = (np.indices((side, side)).sum(0) % 2 * 255).astype(np.uint8) if kind == 'checker' else np.full((side, side), 255, np.uint8)
if kind in ('white', 'checker'):
    poisoned = np.random.permutation(np.where(labels != target)[0])[:600]
    images[poisoned, top:top + side, left:left + side] = patch
    labels[poisoned] = target

net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))
optimiser = torch.optim.Adam(net.parameters(), 1e-3)
x, y = torch.from_numpy(images[:, None].astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))
for _ in range(4):
    order = torch.randperm(len(x))
    for i in range(0, len(x), 64):
        rows = order[i:i + 64]
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
        optimiser.step()

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

model = Backdoor(int(kind[-1])) if kind.startswith('graph-') else net
os.makedirs(f'{out}/inputs', exist_ok=True)
torch.onnx.export(model, x[:1], f'{out}/model.onnx', input_names=['image'], output_names=['logits'], dynamic_axes={'image': {0: 'batch'}, 'logits': {0: 'batch'}}, opset_version=13)
tests = load('t10k-images')
np.save(f'{out}/inputs/pictures.npy', (tests[np.random.permutation(len(tests))[:60], None].astype(np.float32) / 255))
print(top, left, target)
