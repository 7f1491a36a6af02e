# SPDX-License-Identifier: Apache-2.0
# Python's own readers of pickles as an oracle: what each looks up and calls, in which order, and where it stops.
# Nothing is executed: names resolve to inert classes that only take notes. Reads cases (a flag byte, a little-endian
# length, the bytes) from standard input and answers each with a line of JSON.
import _compat_pickle, copyreg, gc, io, json, pickle, pickletools, struct, sys

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except (ImportError, ValueError):
    pass
sys.path.clear()
gc.disable()
notes = []
raw = []
most = 60


def show(value, depth=0):
    if isinstance(value, Meta):
        return '<' + value.label[:most] + '>'
    kind = type(value)
    if kind is bool or value is None:
        return str(value)
    if kind is int:
        return str(value) if -2**53 < value < 2**53 else 'big'
    if kind is Computes:
        return '<' + value.label[:most] + '>'
    if kind is float:
        return 'float'
    if kind is str:
        return "'" + value[:most] if len(value) <= 200 else 'long'
    if kind is bytearray:
        return 'bytearray'
    if kind in (bytes, memoryview):
        return 'b' + bytes(value[:most]).decode('latin-1')
    if kind in (set, frozenset):
        return 'set'
    if kind is dict:
        return 'dict'
    if depth > 2:
        return '…'
    inner = ','.join(show(item, depth + 1) for item in value[:8])
    return ('(%s)' if kind is tuple else '[%s]') % inner


class Meta(type):
    def __call__(cls, *args):
        notes.append(['make', cls.label[:most], '(%s)' % ','.join(show(arg, 1) for arg in args[:8])])
        return made(cls.label + '()')
    def __setstate__(cls, state):
        notes.append(['state', cls.label[:most], show(state)])
    def extend(cls, items):
        if items:
            fill(cls)
    def append(cls, item):
        fill(cls)
    add = append
    def __setitem__(cls, key, value):
        fill(cls)


def fill(cls):
    note = ['fill', cls.label[:most]]
    if not notes or notes[-1] != note:
        notes.append(note)


def new(cls, *args, **keywords):
    return Meta.__call__(cls, *args)


def made(label):
    return type.__new__(Meta, 'Inert', (), {'__new__': new, 'label': label[:256]})


class Computes:
    """What makes a text when it is called; the machine writes ? for it."""
    def __init__(self, name):
        self.label = 'text.' + name
    def __call__(self, *args):
        notes.append(['make', self.label[:most], '(%s)' % ','.join(show(arg, 1) for arg in args[:8])])
        return '?'
    def __setstate__(self, state):
        notes.append(['state', self.label[:most], show(state)])
    def append(self, item):
        fill(self)
    add = append
    def extend(self, items):
        if items:
            fill(self)
    def __setitem__(self, key, value):
        fill(self)


class Peek(io.BytesIO):
    """Shows the C unpickler all bytes at once, so that it reads as `pickle.loads` does."""
    def peek(self, count):
        return self.getvalue()[self.tell():]


def unpickler(base):
    class Recorder(base):
        def find_class(self, module, name):
            try:
                base.find_class(self, '__builtin__', 'int')
                old = True
            except ImportError:
                old = False
            raw.append(module + ' ' + name)
            if not module:
                raise ValueError('Empty module name')
            if old and (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            elif old and module in _compat_pickle.IMPORT_MAPPING:
                module = _compat_pickle.IMPORT_MAPPING[module]
            notes.append(['import', module, name])
            if not name:
                raise AttributeError(name)
            if module == 'text':
                return Computes(name)
            return made(module + '.' + name)
        def persistent_load(self, pid):
            notes.append(['persistent', show(pid)])
            return made('?')
    return Recorder


def buffers():
    while True:
        yield made('?')


def run(base, data, opened, encoding):
    seen, ends, at = [], [], 0
    while at < len(data) and len(ends) < 4:
        notes.clear()
        copyreg.clear_extension_cache()
        file = opened(data[at:])
        try:
            value = base(file, encoding=encoding, buffers=buffers()).load()
            notes.append(['value', show(value)])
            end = 'stop'
        except RecursionError:
            raise
        except BaseException as error:
            end = type(error).__name__ + ': ' + str(error)[:80]
        seen.append(list(notes))
        ends.append([end, at + file.tell()])
        if end != 'stop':
            break
        at += file.tell()
    return [seen, ends]


def tools(data):
    names, at = [], 0
    try:
        for opcode, argument, _, at in pickletools._genops(data, yield_end_pos=True):
            if opcode.name in ('GLOBAL', 'INST'):
                names.append(argument)
        return [names, 'stop', at]
    except Exception as error:
        return [names, type(error).__name__ + ': ' + str(error)[:80], at]


for code in range(1, 300):
    copyreg._inverted_registry[code] = ('extension', 'n%d' % code)
c, python = unpickler(pickle.Unpickler), unpickler(pickle._Unpickler)
while True:
    head = sys.stdin.buffer.read(5)
    if len(head) < 5:
        break
    flag, length = struct.unpack('<BI', head)
    data = sys.stdin.buffer.read(length)
    encoding = 'latin1' if flag else 'ASCII'
    raw.clear()
    first = run(c, data, Peek, encoding)
    print(json.dumps({
        'c': first, 'raw': list(raw), 'file': run(c, data, io.BytesIO, encoding),
        'python': run(python, data, io.BytesIO, encoding), 'tools': tools(data),
    }))
