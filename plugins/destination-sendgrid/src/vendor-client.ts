// New instances of the vendor's two clients. Their type declarations cannot name the classes
// (`export =` beside `export {}`), so instances are made from the ones that the packages export.
import defaultClient from '@sendgrid/client';
import defaultMail from '@sendgrid/mail';

export type VendorClient = typeof defaultClient;
export type VendorMail = typeof defaultMail;

export function createVendorClient(): VendorClient {
  return createLike(defaultClient);
}

export function createVendorMail(client: VendorClient): VendorMail {
  const mail = createLike(defaultMail);
  mail.setClient(client);
  return mail;
}

function createLike<Instance extends object>(instance: Instance): Instance {
  const made: unknown = Reflect.construct(instance.constructor, []);
  if (!isLike(made, instance)) throw new TypeError('the SendGrid package exports something else');
  return made;
}

function isLike<Instance extends object>(made: unknown, instance: Instance): made is Instance {
  return made instanceof instance.constructor;
}
