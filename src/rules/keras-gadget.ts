// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

/** Functions of Keras itself that do more than compute, by their last name: what they do. */
const functions: Readonly<Record<string, string>> = {
  get_file: 'downloads a file and unpacks it anywhere', enable_unsafe_deserialization: 'switches off the protection against code in models',
  load_model: 'loads another model', load_weights: 'reads another file', save_model: 'writes a file', save: 'writes a file', save_weights: 'writes a file', deserialize_keras_object: 'builds what its argument says',
  func_load: 'runs byte code', model_from_json: 'builds another model', model_from_config: 'builds another model', image_dataset_from_directory: 'reads a folder', text_dataset_from_directory: 'reads a folder',
  audio_dataset_from_directory: 'reads a folder', load_img: 'reads a file', save_img: 'writes a file', set_logging_verbosity: '', plot_model: 'starts a program and writes a file', run: '', load_data: 'downloads data', custom_object_scope: '',
};

export default rule({
  id: 'keras-gadget',
  title: 'A Keras configuration reaches for functions that layers have no use for',
  why: 'Functions and wrappers of Keras itself pass its safe mode: one downloads and unpacks archives, one switches the safe mode off, one unpickles a torch module, one runs a TensorFlow graph from a folder. In a configuration they run when the model is loaded or called.',
  fix: 'Do not load it, not with safe_mode=True either. Ask for the weights alone, and build the model from code that you have read.',
  severity: 'critical',
  confidence: 'high',
  references: ['CVE-2025-8747', 'CVE-2025-9906', 'CVE-2025-49655', 'CVE-2026-1462', 'CWE-502'],
  provisions: ['5.2.3-1'],
  example: ['json/keras-get-file.json', 'json/keras-activation.json'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, domain, name, detail } of facts) {
      if (domain !== 'keras') continue;
      if (operator === 'TorchModuleWrapper') yield { message: `layer ${name === '' ? operator : name} is a TorchModuleWrapper: rebuilding it unpickles what is in the configuration`, key: `torch ${name}` };
      else if (operator === 'TFSMLayer') yield { message: `layer ${name === '' ? operator : name} is a TFSMLayer: rebuilding it loads and runs a SavedModel from a path`, severity: 'high', key: `saved ${name}` };
      else if (detail?.['function'] !== undefined && Object.hasOwn(functions, operator) && functions[operator] !== '') yield { message: `the configuration names the function ${detail['function']}, which ${functions[operator]!}`, key: detail['function'] };
    }
  },
});
