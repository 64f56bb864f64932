/** Names of models: each becomes the prefix of a C library, a file name and a column of a table. */

const reserved = new Set(
  (
    'alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const ' +
    'const_cast consteval constexpr constinit continue co_await co_return co_yield decltype default delete do ' +
    'double dynamic_cast else enum explicit export extern false final float for friend goto if import inline ' +
    'int int8_t int16_t int32_t int64_t long main module mutable namespace new noexcept not not_eq nullptr ' +
    'operator or or_eq override private protected public register reinterpret_cast requires restrict return ' +
    'short signed size_t sizeof static static_assert static_cast struct switch template this thread_local ' +
    'throw tinyml true try typedef typeid typename typeof uint8_t uint16_t uint32_t uint64_t union unsigned ' +
    'using virtual void volatile wchar_t while xor xor_eq nan inf null'
  ).split(' '),
);

const maximumLength = 48;

/** True for a lower-case C and C++ identifier that is no keyword and collides with nothing of ours. */
export function isModelName(name: string): boolean {
  return (
    /^[a-z][a-z0-9_]*$/.test(name) &&
    name.length <= maximumLength &&
    !reserved.has(name) &&
    !name.startsWith('tinyml_')
  );
}

/** `models/My Model (v2).tflite` → `my_model_v2`: always a name that isModelName accepts. */
export function modelName(file: string): string {
  const base = (file.split('/').at(-1) ?? '').slice(0, 1000).replace(/\.[^.]*$/, '');
  const words = base
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+/, '')
    .slice(0, maximumLength)
    .replace(/_+$/, '');
  if (isModelName(words)) return words;
  return `model_${words}`.slice(0, maximumLength).replace(/_+$/, '');
}
