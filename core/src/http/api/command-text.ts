// How the command line asks for an operation. It stands in the operation's row, so that a command can
// never ask for what the API does not take: names, options and help are made from the row's schemas.

export interface CommandText {
  /** Its words, e.g. `destination pause`. */
  readonly name: string;
  /** Members that are given by their place, in this order; every other member is an option. */
  readonly places?: readonly string[];
  /**
   * The member that says whose data is asked for: `--profile ID`, or else an identifier on standard input,
   * which is looked up first. People's data does not belong on command lines, where every user of a machine sees it.
   */
  readonly person?: string;
  /** Members that are identifiers, one line of standard input each; a list takes all lines. `body`: the body is one. */
  readonly identifiers?: 'body' | readonly string[];
  /** Members that are read as YAML or JSON from the file that their option names. */
  readonly files?: readonly string[];
  /** The list whose one item is given by options of its own. */
  readonly item?: string;
  readonly print?: CommandPrint;
  /** Beginning with `tributary`; the first one is shown in the overview. */
  readonly examples: readonly string[];
}

/** Left out: a table of the items, or the members of the answer. `--json` prints the answer as it is. */
export type CommandPrint =
  /** These members of the items, as dotted paths. */
  | { readonly as: 'table'; readonly columns: readonly string[] }
  /** A sentence with `{members}` of the answer. */
  | { readonly as: 'words'; readonly words: string }
  /** One member alone on standard output, for scripts; the sentence goes to standard error. */
  | { readonly as: 'member'; readonly member: string; readonly words: string }
  /** Each item as one line of JSON, to the last page. */
  | { readonly as: 'lines' }
  /** The answer as it comes, to standard output. */
  | { readonly as: 'stream' }
  /** `answer`, and below it the tree of `because`. */
  | { readonly as: 'tree' };

/** An operation without a command says why. */
export type OperationCommand = CommandText | { readonly none: string };

export function hasCommand(command: OperationCommand): command is CommandText {
  return 'name' in command;
}
