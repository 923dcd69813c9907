// How other rooms' statements join facts to profiles row by row. Joined plainly, the view
// `profile_subject` is put together for everybody and then sorted out: PostgreSQL looks up single rows
// of a union only where the union is asked for one key at a time.

/** As a joined table: the spans of all subjects of one profile. @param profileId an SQL expression. */
export function subjectsOf(profileId: string): string {
  return askedFor(`profile_id = ${profileId}`);
}

/** As a joined table: whose one subject is, and when. @param subjectId an SQL expression. */
export function profilesOf(subjectId: string): string {
  return askedFor(`subject_id = ${subjectId}`);
}

/** Without OFFSET 0 the planner dissolves the question into a join again. */
function askedFor(condition: string): string {
  return `LATERAL (
    SELECT profile_id, subject_id, from_at, to_at FROM profile_subject WHERE ${condition} OFFSET 0
  )`;
}
