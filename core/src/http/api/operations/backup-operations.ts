// A backup of the hub that runs, into the folder that config names: people never travel through the API.
import { defineOperation } from '../operation.ts';
import { ApiProblem } from '../problem.ts';
import { ref } from '../schemas.ts';

export const takeBackup = defineOperation({
  id: 'takeBackup',
  method: 'post',
  route: '/backups',
  tag: 'Hub',
  summary: 'Write all that the store holds into one file on the hub’s machine',
  description:
    'One moment of the store, into the folder `hub.backups` of config. An embedded store holds everybody for as long as its files are copied. The deployment key is not in the file.',
  permission: 'keys.manage',
  long: true,
  answer: ref('Backup'),
  command: {
    name: 'backup take',
    print: { as: 'words', words: '{file}: {rows} rows, {bytes} bytes.' },
    examples: ['tributary backup take'],
  },
  problems: ['BACKUPS_NOWHERE'],
  handle: async ({ hub, actor, progress }) => {
    const taken = await hub.backups.take(actor, progress);
    if (taken !== undefined) return { body: taken };
    throw new ApiProblem('BACKUPS_NOWHERE', {
      detail: 'Name a folder in `hub.backups` of the config and apply it.',
    });
  },
});
