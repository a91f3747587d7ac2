const rules: readonly { what: string; pattern: RegExp }[] = [
  { what: 'a shell other than sh', pattern: /^#!(?!\/bin\/sh$)/ },
  { what: '[[ … ]] of bash', pattern: /\[\[/ },
  { what: 'local, declare or function of bash', pattern: /^\s*(local|declare|typeset|function)\s/ },
  { what: 'pipefail of bash', pattern: /\bpipefail\b/ },
  { what: 'a here-string of bash', pattern: /<<</ },
  { what: 'process substitution of bash', pattern: /[<>]\(/ },
  { what: '&> of bash', pattern: /&>/ },
  { what: 'an array of bash', pattern: /\w=\((?!\()/ },
  { what: '${x,,}, ${x^^} or ${x/a/b} of bash', pattern: /\$\{\w+(,,|\^\^|\/)/ },
  { what: 'source of bash', pattern: /^\s*source\s/ },
  { what: '== in [ … ]', pattern: /(?<!\[)\[ [^\]]*==/ },
  { what: '$\'…\' or $"…" of bash', pattern: /(^|[\s=(])\$['"]/ },
  { what: '+= of bash', pattern: /^\s*\w+\+=/ },
  { what: '|& or coproc of bash', pattern: /\|&|^\s*coproc\b/ },
  { what: '${!x}, ${x@Q} or ${x:1:2} of bash', pattern: /\$\{(!|\w+@|\w+:[0-9 $])/ },
  { what: '{1..9} of bash', pattern: /\{\w+\.\.\w+\}/ },
  { what: '$RANDOM, $BASH_… or $EPOCHSECONDS of bash', pattern: /\$\{?(RANDOM|SECONDS|BASH_?\w*|EPOCH\w+)\b/ },
  { what: 'mapfile, readarray, let, select or shopt of bash', pattern: /^\s*(mapfile|readarray|let|select|shopt)\s/ },
  { what: 'read with another option than -r', pattern: /\bread\s+-(?!r\b)/ },
  { what: 'printf -v, %q or %(…)T of bash', pattern: /\bprintf\s+(-v|.*%(q|\())/ },
  { what: 'trap for ERR, DEBUG or RETURN of bash', pattern: /\btrap\s.*\b(ERR|DEBUG|RETURN)\b/ },
  { what: 'echo with options or escapes, which differ', pattern: /\becho\s+(-[neE]+\b|['"][^'"]*\\[nt])/ },
  { what: 'which, which is not in POSIX', pattern: /(^|[|;&(]\s*)which\s/ },
  { what: 'md5sum or sha…sum, not looked for with command -v', pattern: /\b(md5|sha\d+)sum\s+[^>&;]/ },
  { what: 'base64 or tar with options of GNU', pattern: /\bbase64\s+-w|\btar\s.*\s--/ },
  { what: 'sed with \\+, \\?, \\| or \\t of GNU', pattern: /\bsed\s(?:-\w+\s+)*'[^']*\\[+?|tn]/ },
  { what: 'flock, setsid, ionice, unshare or chrt', pattern: /(^|[|;&(]\s*)(flock|setsid|ionice|unshare|chrt)\b/ },
  { what: 'ps, pgrep or kill by options of procps', pattern: /\bps\s+--|\bps\s+-\w*[CF]|\bpgrep\s+-\w*[a-z]*[ac]\b/ },
  { what: 'awk with gensub, strftime or systime of gawk', pattern: /\b(gensub|strftime|systime|asort)\(/ },
  { what: 'install -D or -t', pattern: /(^|[|;&(]\s*)install\s+(-\w+\s+(\d+\s+)?)*-\w*[Dt]/ },
  {
    what: 'shuf, truncate, or dd with flags of GNU',
    pattern: /(^|[|;&(]\s*)(shuf|truncate)\b|\bdd\b.*\b(iflag|oflag|status)=/,
  },
  // The sh of a Mac takes the first ")" of a pattern for the end of "$(".
  { what: 'case inside $(…), which bash 3.2 misreads', pattern: /\$\(\s*case\s/ },
  { what: 'sed -i, -r or -z', pattern: /\bsed\s+-\w*[irz]/ },
  { what: 'grep -P', pattern: /\bgrep\s+-\w*P/ },
  { what: 'readlink -f or realpath', pattern: /\breadlink\s+-\w*f|\brealpath\b/ },
  { what: 'stat, which has other options elsewhere', pattern: /\bstat\s+-/ },
  { what: 'date with nanoseconds, -d or -I', pattern: /\bdate\s+(-d|-I|\+\S*%N)/ },
  { what: 'xargs -r or -d', pattern: /\bxargs\s+(-\w+\s+)*-[rd]\b/ },
  { what: 'find -printf or -regextype', pattern: /\bfind\b.*\s-(printf|regextype|executable)\b/ },
  { what: 'sort -V or -R', pattern: /\bsort\s+-\w*[VR]/ },
  { what: 'head or tail with a negative count', pattern: /\bhead\s+-[nc]\s*-/ },
  { what: 'tac, timeout, nproc or numfmt', pattern: /(^|[|;&(]\s*)(tac|timeout|nproc|numfmt)\b/ },
  { what: 'a long option of a GNU tool', pattern: /\b(cp|mv|rm|ls|mkdir|tar|wc|tail|head|cut|install|touch)\s+--\w/ },
  { what: 'cp -a, -u or -t', pattern: /\bcp\s+-\w*[aut]/ },
  { what: 'ln -r or -T', pattern: /\bln\s+-\w*[rT]/ },
  { what: 'mktemp -p', pattern: /\bmktemp\s+(-\w+\s+)*-\w*p/ },
  { what: 'du -b', pattern: /\bdu\s+-\w*b/ },
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
  return faults(text, rules);
}

/** The same for a Makefile, with GNU make 3.81. */
export function makefileFaults(text: string): string[] {
  return faults(text, [...makeRules, ...rules.slice(1)]);
}

function faults(text: string, checked: typeof rules): string[] {
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*#(?!!)/.test(line)) return [];
    return checked.flatMap(({ what, pattern }) => (pattern.test(line) ? [`${index + 1}: ${what}`] : []));
  });
}
