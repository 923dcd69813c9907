// Who may do what. One table: a role has exactly the permissions of its row.

export const permissions = [
  /** Sizes, states, books: nothing about a single person. */
  'states.read',
  /** Pause, resume, approve, replay, drop. */
  'hub.operate',
  /** Profiles, members, payloads. */
  'people.read',
  'consent.write',
  /** Join people, part them, take evidence back. */
  'identity.decide',
  /** Requests of people about their data: access, erasure, objection, correction. */
  'privacy.manage',
  'audit.read',
  'keys.manage',
  /** Plan and apply: it may send data to whom nobody sent it before. */
  'config.change',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['viewer', 'operator', 'privacy', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who runs deliveries need not see people, and who answers people need not run deliveries. */
export const roleMatrix: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['states.read'],
  operator: ['states.read', 'hub.operate'],
  privacy: [
    'states.read',
    'people.read',
    'consent.write',
    'identity.decide',
    'privacy.manage',
    'audit.read',
  ],
  admin: permissions,
};

export function may(role: Role, permission: Permission): boolean {
  return roleMatrix[role].includes(permission);
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}
