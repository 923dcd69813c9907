// Completion for shells, as a script that is made from the commands: their words, then their options. It names no
// instance and no person: for these it would have to ask a hub at each press of a key.
import type { Command } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Follower {
  /** A word of a command, or an option. */
  readonly word: string;
  readonly summary: string;
  readonly takesValue: boolean;
}

/** Words so far, e.g. `tributary audit` → what may follow. */
type Steps = ReadonlyMap<string, readonly Follower[]>;

export function renderCompletion(shell: Shell, commands: readonly Command[]): string {
  const steps = stepsOf(commands);
  switch (shell) {
    case 'bash':
      return bash(steps);
    case 'zsh':
      return `#compdef tributary\nautoload -U +X bashcompinit && bashcompinit\n${bash(steps)}`;
    case 'fish':
      return fish(steps);
  }
}

function stepsOf(commands: readonly Command[]): Steps {
  const steps = new Map<string, Follower[]>();
  const note = (before: string, follower: Follower): void => {
    const known = steps.get(before) ?? [];
    if (known.some(({ word }) => word === follower.word)) return;
    steps.set(before, [...known, follower]);
  };
  for (const { name, summary } of commands) {
    const words = name.split(' ');
    for (const [place, word] of words.entries()) {
      const isWhole = place === words.length - 1;
      const before = ['tributary', ...words.slice(0, place)].join(' ');
      note(before, { word, summary: isWhole ? summary : '', takesValue: false });
    }
  }
  for (const { name, options } of commands) {
    for (const [option, { type, description }] of Object.entries(options)) {
      const takesValue = type === 'string';
      note(`tributary ${name}`, { word: `--${option}`, summary: description, takesValue });
    }
    const summary = 'what it does, with examples';
    note(`tributary ${name}`, { word: '--help', summary, takesValue: false });
  }
  return steps;
}

/** Options that take a value end in `=` here. Where nothing fits, the shell looks for files. */
function bash(steps: Steps): string {
  const rows = [...steps].map(([before, next]) => {
    const words = next.map(({ word, takesValue }) => (takesValue ? `${word}=` : word));
    return `    '${before}') echo '${words.join(' ')}' ;;`;
  });
  return `_tributary_next() {
  case "$1" in
${rows.join('\n')}
    *) return 1 ;;
  esac
}

_tributary() {
  local key=tributary place=1 next word words=''
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  while [ "$place" -lt "$COMP_CWORD" ]; do
    _tributary_next "$key \${COMP_WORDS[place]}" >/dev/null || break
    key="$key \${COMP_WORDS[place]}"
    place=$((place + 1))
  done
  next=" $(_tributary_next "$key") "
  COMPREPLY=()
  case "$next" in *" $before= "*) return ;; esac
  for word in $(echo "$next"); do
    case "$current:$word" in
      -*:-* | [!-]*:[!-]* | :[!-]*) words="$words \${word%=}" ;;
    esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}

complete -o default -F _tributary tributary`;
}

function fish(steps: Steps): string {
  const rows = [...steps].flatMap(([before, next]) =>
    next.map(({ word, summary, takesValue }) => {
      const what = word.startsWith('--')
        ? `-l ${word.slice(2)}${takesValue ? ' -r' : ''}`
        : `-f -a ${word}`;
      return `complete -c tributary -n "__tributary_at '${before}'" ${what} -d ${quoted(summary)}`;
    }),
  );
  return `set -g __tributary_keys ${[...steps.keys()].map(quoted).join(' ')}

function __tributary_at
  set -l key tributary
  for word in (commandline -opc)[2..-1]
    contains -- "$key $word" $__tributary_keys; or break
    set key "$key $word"
  end
  test "$key" = "$argv[1]"
end

${rows.join('\n')}`;
}

/** In single quotes fish reads nothing but these two. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
