// SPDX-License-Identifier: Apache-2.0
// What functions that a model carries look up. Narrower than the policy for calls while loading: ordinary code uses
// os.path, sys.exit and inspect, and is written by the model's author; what follows needs a reason to be in a model.
import type { Severity } from '../../model/rule.ts';

interface Group {
  readonly severity: Severity;
  /** Completes "it …". */
  readonly reason: string;
  /** Exactly these names, separated by white space. */
  readonly names?: string;
  /** Modules, each with everything below it. */
  readonly trees?: string;
}

const groups: readonly Group[] = [
  {
    severity: 'high', reason: 'starts a program or a shell',
    names: 'os.system os.popen os.popen2 os.popen3 os.popen4 os.startfile os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp os.fork os.forkpty asyncio.create_subprocess_exec asyncio.create_subprocess_shell multiprocessing.util.spawnv_passfds distutils.spawn.spawn setuptools._distutils.spawn.spawn platform.popen webbrowser.open',
    trees: 'subprocess _posixsubprocess pty commands popen2 pexpect sh plumbum invoke fabric paramiko',
  },
  {
    severity: 'high', reason: 'runs text, byte code or another module',
    names: 'eval exec execfile timeit.timeit timeit.repeat cProfile.run profile.run pdb.run trace.Trace doctest.debug_script types.FunctionType types.LambdaType types.CodeType marshal.loads marshal.load torch._dynamo.guards.GuardBuilder.get numpy.testing._private.utils.runstring',
    trees: 'runpy code codeop bdb',
  },
  { severity: 'high', reason: 'loads native code', trees: 'ctypes _ctypes cffi _cffi_backend', names: 'torch.ops.load_library torch.classes.load_library torch.utils.cpp_extension.load torch.utils.cpp_extension.load_inline tensorflow.load_op_library tensorflow.load_library' },
  { severity: 'medium', reason: 'imports a module by name', names: '__import__ importlib.import_module importlib.__import__ importlib.reload importlib.machinery.SourceFileLoader importlib.util.spec_from_file_location pkgutil.resolve_name pydoc.locate', trees: 'imp zipimport' },
  { severity: 'medium', reason: 'deserialises what can hold code', names: 'pickle.load pickle.loads pickle.Unpickler _pickle.load _pickle.loads cPickle.load cPickle.loads dill.load dill.loads cloudpickle.load cloudpickle.loads joblib.load torch.load torch.hub.load torch.jit.load yaml.load yaml.unsafe_load shelve.open pandas.read_pickle' },
  {
    severity: 'medium', reason: 'connects to the network',
    trees: 'socket _socket ssl urllib.request urllib2 urllib3 http.client httplib requests httpx aiohttp ftplib smtplib telnetlib imaplib poplib xmlrpc websocket websockets pycurl boto3 dns',
    names: 'urllib.urlopen urllib.urlretrieve asyncio.open_connection',
  },
  {
    severity: 'medium', reason: 'opens or changes files',
    names: 'open io.open io.FileIO io.open_code os.open os.remove os.unlink os.rename os.replace os.rmdir os.removedirs os.chmod os.chown os.link os.symlink os.truncate shutil.rmtree shutil.move shutil.copy shutil.copyfile shutil.copytree pathlib.Path.write_text pathlib.Path.write_bytes pathlib.Path.unlink pathlib.Path.open',
  },
  { severity: 'medium', reason: 'changes how the interpreter imports, traces or ends', names: 'breakpoint sys.settrace sys.setprofile sys.meta_path sys.path_hooks sys.modules sys.addaudithook os.kill os._exit os.putenv signal.signal atexit.register threading.settrace builtins.__dict__' },
];

/** Attributes through which code reaches names that it does not have. */
const leading = /(^|\.)__(subclasses|globals|builtins|code|import|bases|mro|getattribute)__(\.|$)/;

const exact = new Map<string, Group>();
const trees = new Map<string, Group>();
for (const group of groups) {
  for (const name of (group.names ?? '').split(' ')) if (name !== '') exact.set(name, group);
  for (const name of (group.trees ?? '').split(' ')) if (name !== '') trees.set(name, group);
}

/** Other names of the same modules. */
const aliases: readonly (readonly [RegExp, string])[] = [[/^(posix|nt)\./, 'os.'], [/^(builtins|__builtin__|__builtins__)\./, ''], [/^_io\./, 'io.'], [/^multiprocess\./, 'multiprocessing.']];

/** What a dotted name that code looks up is known for; undefined for what ordinary code uses. */
export function inCode(name: string): { readonly severity: Severity; readonly reason: string } | undefined {
  let path = name;
  for (const [alias, usual] of aliases) path = path.replace(alias, usual);
  const parts = path.split('.').slice(0, 16);
  for (let n = parts.length; n > 0; n -= 1) {
    const begin = parts.slice(0, n).join('.');
    // A method of a result or a class (`open.read`) is as telling as the function; a module needs something of it.
    const found = exact.get(begin) ?? (n < parts.length ? trees.get(begin) : undefined);
    if (found !== undefined) return found;
  }
  return leading.test(path) ? { severity: 'medium', reason: 'reaches through a dunder to anything in the process' } : undefined;
}
