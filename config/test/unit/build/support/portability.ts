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
