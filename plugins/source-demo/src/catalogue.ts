// What the shop sells: tea, and what goes with it.

export interface Product {
  readonly product_id: string;
  readonly name: string;
  readonly category: string;
  /** Euros. */
  readonly price: number;
}

/** What those buy who spend much. */
export const kettle: Product = {
  product_id: 'P-02',
  name: 'Iron kettle',
  category: 'pots',
  price: 129,
};

export const products: readonly Product[] = [
  { product_id: 'T-01', name: 'Morning Fog, 100 g', category: 'tea', price: 8.9 },
  { product_id: 'T-02', name: 'Smoky Pine, 100 g', category: 'tea', price: 11.5 },
  { product_id: 'T-03', name: 'First Flush, 50 g', category: 'tea', price: 24 },
  { product_id: 'T-04', name: 'Rainy Sunday, 100 g', category: 'tea', price: 9.75 },
  { product_id: 'T-05', name: 'Jasmine by Night, 50 g', category: 'tea', price: 17.2 },
  { product_id: 'P-01', name: 'Clay pot', category: 'pots', price: 64 },
  kettle,
  { product_id: 'C-01', name: 'Two thin cups', category: 'cups', price: 38.5 },
  { product_id: 'C-02', name: 'Traveller’s cup', category: 'cups', price: 27.9 },
  { product_id: 'B-01', name: 'The Book of Leaves', category: 'books', price: 31 },
];

export const pages = ['Home', 'Teas', 'Pots and Cups', 'How to Brew', 'About Us'] as const;
