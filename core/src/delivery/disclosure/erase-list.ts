// The name under which the ledger keeps erasures of people who are on no list; no vendor's list is called so.
export const eraseList = '#erase';
