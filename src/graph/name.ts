/** Words that a file `<name>.h` or an identifier must not be: keywords of C and C++, headers of the C library, our own prefix. */
const reserved: ReadonlySet<string> = new Set(
  (
    'alignas alignof and and_eq asm atomic_cancel auto bitand bitor bool break case catch char class compl ' +
    'concept const const_cast consteval constexpr constinit continue decltype default delete do double ' +
    'dynamic_cast else enum explicit export extern false float for friend goto if import inline int long ' +
    'module mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public ' +
    'register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast ' +
    'struct switch synchronized template this thread_local throw true try typedef typeid typename typeof ' +
    'union unsigned using virtual void volatile wchar_t while xor xor_eq ' +
    'assert complex ctype errno fenv inttypes iso646 limits locale math setjmp signal stdalign stdarg ' +
    'stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype ' +
    'main tinyml firmware_model'
  ).split(' '),
);

const longest = 48;

/**
 * A model's file name as the prefix of its C identifiers: lower case, everything but letters and digits an
 * underscore, at most 48 characters, never empty, never a keyword. Different files may give the same name.
 */
export function identifierOf(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const stem = base.replace(/\.[A-Za-z0-9]{1,8}$/, '');
  const plain = stem
    .slice(0, 4 * longest)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  const cut = (text: string) => text.slice(0, longest).replace(/_+$/, '');
  const name = cut(plain.replace(/^_+/, ''));
  if (name === '') return 'model';
  return /^[0-9]/.test(name) || reserved.has(name) ? cut(`model_${name}`) : name;
}
