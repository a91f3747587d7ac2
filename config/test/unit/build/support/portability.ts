/** Where a command may begin. */
const start = String.raw`(?:^|[|;&({!]|\b(?:if|then|else|elif|while|until|do))\s*`;
/** Words of one command, as few as do. */
const words = String.raw`(?:'[^']*'|"[^"]*"|[^'"|;&)])*?`;
/** One of these programs. */
function program(names: string): string {
  return String.raw`(?<![\w-])(?:${names})\s`;
}
/** One of the programs with one of these one-letter options, anywhere among its arguments. */
function option(names: string, letters: string): RegExp {
  return new RegExp(String.raw`${program(names)}(?:${words}\s)?-\w*[${letters}]`);
}
/** One of the programs with a quoted argument that holds this. */
function quoted(names: string, content: string): RegExp {
  return new RegExp(String.raw`${program(names)}${words}(?:'[^']*${content}|"[^"]*${content})`);
}
const longOptionTools =
  'cp|mv|rm|ls|ln|mkdir|rmdir|chmod|chown|tar|wc|tail|head|cut|tr|install|touch|sed|grep|sort|uniq|date|du|df|stat|readlink|mktemp';

const rules: readonly { what: string; pattern: RegExp }[] = [
  { what: 'a shell other than sh', pattern: /^#!(?!\/bin\/sh$)/ },
  { what: '[[ … ]] of bash', pattern: /\[\[/ },
  { what: 'local, declare or function of bash', pattern: new RegExp(`${start}(local|declare|typeset|function)\\s`) },
  { what: 'pipefail of bash', pattern: /\bpipefail\b/ },
  { what: 'a here-string of bash', pattern: /<<</ },
  { what: 'process substitution of bash', pattern: /[<>]\(/ },
  { what: '&> of bash', pattern: /&>/ },
  { what: 'an array of bash', pattern: /\w=\((?!\()/ },
  { what: '${x,,}, ${x^^} or ${x/a/b} of bash', pattern: /\$\{\w+[,^/]/ },
  { what: 'source of bash', pattern: new RegExp(`${start}source\\s`) },
  { what: '== in [ … ]', pattern: /(?<!\[)\[ [^\]]*==/ },
  { what: '$\'…\' or $"…" of bash', pattern: /(^|[\s=(])\$['"]/ },
  { what: '+= of bash', pattern: /^\s*\w+\+=/ },
  { what: '|& or coproc of bash', pattern: /\|&|^\s*coproc\b/ },
  { what: '${!x}, ${x@Q} or ${x:1:2} of bash', pattern: /\$\{(!|\w+@|\w+:[0-9 $])/ },
  { what: '{1..9} of bash', pattern: /\{\w+\.\.\w+\}/ },
  { what: '$RANDOM, $BASH_… or $EPOCHSECONDS of bash', pattern: /\$\{?(RANDOM|SECONDS|BASH_?\w*|EPOCH\w+)\b/ },
  {
    what: 'mapfile, readarray, let, select or shopt of bash',
    pattern: new RegExp(`${start}(mapfile|readarray|let|select|shopt)\\s`),
  },
  { what: 'read with another option than -r', pattern: /\bread\s+-(?!r\b)/ },
  { what: 'printf -v, %q or %(…)T of bash', pattern: /\bprintf\s+(-v|.*%(q|\())/ },
  { what: 'trap for ERR, DEBUG or RETURN of bash', pattern: /\btrap\s.*\b(ERR|DEBUG|RETURN)\b/ },
  { what: 'echo with options or escapes, which differ', pattern: /\becho\s+(-[neE]+\b|['"][^'"]*\\[nt])/ },
  { what: 'which, which is not in POSIX', pattern: /(^|[|;&(]\s*)which\s/ },
  { what: 'md5sum or sha…sum, not looked for with command -v', pattern: /\b(md5|sha\d+)sum\s+[^>&;]/ },
  { what: 'base64 -w', pattern: option('base64', 'w') },
  { what: 'sed with \\+, \\?, \\| or \\t of GNU', pattern: /\bsed\s(?:-\w+\s+)*'[^']*\\[+?|tn]/ },
  { what: 'flock, setsid, ionice, unshare or chrt', pattern: /(^|[|;&(]\s*)(flock|setsid|ionice|unshare|chrt)\b/ },
  { what: 'ps, pgrep or kill by options of procps', pattern: /\bps\s+--|\bps\s+-\w*[CF]|\bpgrep\s+-\w*[a-z]*[ac]\b/ },
  { what: 'awk with gensub, strftime or systime of gawk', pattern: /\b(gensub|strftime|systime|asort)\(/ },
  { what: 'install -D or -t', pattern: /(^|[|;&(]\s*)install\s+(-\w+\s+(\d+\s+)?)*-\w*[Dt]/ },
  {
    what: 'shuf, truncate, or dd with flags of GNU',
    pattern: /(^|[|;&(]\s*)(shuf|truncate)\b|\bdd\b.*\b(iflag|oflag|status)=/,
  },
  { what: 'sed -i, -r or -z', pattern: option('sed', 'irz') },
  { what: 'grep -P', pattern: option('grep', 'P') },
  { what: 'readlink -f or realpath', pattern: new RegExp(`${option('readlink', 'fem').source}|\\brealpath\\b`) },
  { what: 'stat, which has other options elsewhere', pattern: new RegExp(`${start}stat\\s`) },
  {
    what: 'date with nanoseconds, -d, -r or -I',
    pattern: new RegExp(`${option('date', 'dIr').source}|${program('date')}${words}%N`),
  },
  { what: 'xargs -r or -d', pattern: /\bxargs\s+(-\w+\s+(\d+\s+)?)*-\w*[rd]\b/ },
  { what: 'find -printf or -regextype', pattern: /\bfind\b.*\s-(printf|regextype|executable)\b/ },
  { what: 'sort -V, -R or -h', pattern: option('sort', 'VRh') },
  { what: 'head or tail with a negative count', pattern: /\bhead\s+-[nc]\s*-/ },
  { what: 'tac, timeout, nproc or numfmt', pattern: /(^|[|;&(]\s*)(tac|timeout|nproc|numfmt)\b/ },
  {
    what: 'a long option of a GNU tool',
    pattern: new RegExp(String.raw`${program(longOptionTools)}(?:${words}\s)?--\w`),
  },
  { what: 'cp -a, -u or -t', pattern: option('cp', 'aut') },
  { what: 'ln -r or -T', pattern: option('ln', 'rT') },
  {
    what: 'mktemp -p, -t or with a suffix',
    pattern: new RegExp(String.raw`${option('mktemp', 'pt').source}|${program('mktemp')}[^|;&)]*X{3}[^X"'\s)]`),
  },
  {
    what: 'sed, grep or expr with \\s, \\w, \\b or \\< of GNU',
    pattern: quoted('sed|grep|expr', String.raw`\\[sSwWbB<>]`),
  },
  {
    what: 'grep with \\+, \\? or \\| of GNU',
    pattern: new RegExp(`(?!${option('grep', 'EF').source})${quoted('grep', String.raw`\\[+?|]`).source}`),
  },
  { what: 'du -b', pattern: option('du', 'b') },
];
const makeRules: readonly { what: string; pattern: RegExp }[] = [
  { what: '.ONESHELL or .SHELLFLAGS of GNU make 3.82', pattern: /^\.(ONESHELL|SHELLFLAGS)\b/ },
  { what: '!= or ::= of GNU make 4', pattern: /^\w+\s*(!=|::?:=)/ },
  { what: 'define with = of GNU make 3.82', pattern: /^define\s+\w+\s*=/ },
  {
    what: '.RECIPEPREFIX, .EXTRA_PREREQS, .WAIT or load',
    pattern: /^\.(RECIPEPREFIX|EXTRA_PREREQS)\b|\s\.WAIT\b|^-?load\s/,
  },
  { what: '$(file …) or $(guile …) of GNU make 4', pattern: /\$\((file|guile|intcmp|let)\s/ },
  { what: 'grouped targets (&:) of GNU make 4.3', pattern: /^[^#\t]*\s&:/ },
  { what: 'undefine or private of GNU make 3.82', pattern: /^(undefine|private)\s/ },
];

/** Lines of a script that a Mac's sh and tools would not understand. */
export function scriptFaults(text: string): string[] {
  return [...faults(text, rules), ...caseFaults(text)];
}

/** The same for a Makefile, with GNU make 3.81. */
export function makefileFaults(text: string): string[] {
  return faults(text, [...makeRules, ...rules.slice(1)]);
}

function faults(text: string, checked: typeof rules): string[] {
  return commandLines(text).flatMap(({ number, line }) =>
    checked.flatMap(({ what, pattern }) => (pattern.test(line) ? [`${number}: ${what}`] : [])),
  );
}

/** Lines without comments; what goes on behind a backslash is one, with the number of its first. */
function commandLines(text: string): { number: number; line: string }[] {
  const lines: { number: number; line: string }[] = [];
  let goesOn = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (goesOn) lines.at(-1)!.line += ` ${line.replace(/\\$/, '').trim()}`;
    else if (!/^\s*#(?!!)/.test(line)) lines.push({ number: index + 1, line: line.replace(/\\$/, '') });
    else continue;
    goesOn = line.endsWith('\\');
  }
  return lines;
}

/** The sh of a Mac takes the first ")" of a pattern for the end of "$(", on whatever line it stands. */
function caseFaults(text: string): string[] {
  const code = text.replaceAll(/^\s*#.*$/gm, '');
  return [...code.matchAll(/\$\((?!\()/g)].flatMap(({ index }) => {
    const inside = code.slice(index + 2, endOfSubstitution(code, index + 2));
    if (!new RegExp(String.raw`${start}case\s+\S+\s+in\b`, 'm').test(inside)) return [];
    return [`${code.slice(0, index).split('\n').length}: case inside $(…), which bash 3.2 misreads`];
  });
}

/** Where the parentheses are balanced, or where such a sh would think so. */
function endOfSubstitution(code: string, begin: number): number {
  let depth = 1;
  for (let at = begin; at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
  return code.length;
}
