// Sources write a country as a code of two or three letters or in English; traits and rules see one.

// ISO 3166-1: alpha-2 followed by alpha-3. The runtime knows the names but not the longer code.
const codes = `
  ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW
  AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN
  BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG
  CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE
  DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN
  FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL
  GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV
  HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM
  JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO
  LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE
  MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS
  MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL
  NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI
  PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN
  SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV
  SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON
  TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN
  VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
`;

// What people and systems write that the runtime's English names do not cover. Kosovo has a code by
// custom, not by the standard; `UK` and `EL` are what British and EU systems send.
const otherNames: Readonly<Record<string, string>> = {
  uk: 'GB',
  el: 'GR',
  xk: 'XK',
  kosovo: 'XK',
  'united states of america': 'US',
  america: 'US',
  'great britain': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  holland: 'NL',
  'the netherlands': 'NL',
  'czech republic': 'CZ',
  turkey: 'TR',
  'ivory coast': 'CI',
  swaziland: 'SZ',
  macedonia: 'MK',
  burma: 'MM',
  'cape verde': 'CV',
  'east timor': 'TL',
  'republic of korea': 'KR',
  'korea republic of': 'KR',
  'korea south': 'KR',
  'russian federation': 'RU',
  'viet nam': 'VN',
  'peoples republic of china': 'CN',
  'republic of ireland': 'IE',
  'hong kong': 'HK',
  macau: 'MO',
  macao: 'MO',
  palestine: 'PS',
  'congo kinshasa': 'CD',
  'democratic republic of the congo': 'CD',
  'congo brazzaville': 'CG',
  'republic of the congo': 'CG',
  'syrian arab republic': 'SY',
  'united republic of tanzania': 'TZ',
  'republic of moldova': 'MD',
  'islamic republic of iran': 'IR',
  'iran islamic republic of': 'IR',
  'bolivarian republic of venezuela': 'VE',
  'plurinational state of bolivia': 'BO',
  'brunei darussalam': 'BN',
  'lao peoples democratic republic': 'LA',
  'holy see': 'VA',
};

const longestName = 100;
const byWord: ReadonlyMap<string, string> = readTable();

/** ISO 3166-1 alpha-2 from alpha-2, alpha-3 or an English name, in any case; else undefined. */
export function normaliseCountry(value: string): string | undefined {
  if (value.length > longestName) return undefined;
  return byWord.get(wordOf(value));
}

function readTable(): Map<string, string> {
  const table = new Map<string, string>();
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (const pair of codes.trim().split(/\s+/)) {
    const alpha2 = pair.slice(0, 2);
    const name = names.of(alpha2);
    if (name !== undefined) table.set(wordOf(name), alpha2);
    table.set(wordOf(alpha2), alpha2).set(wordOf(pair.slice(2)), alpha2);
  }
  for (const [name, alpha2] of Object.entries(otherNames)) table.set(name, alpha2);
  return table;
}

/** Without accents, case, punctuation and `&`, so that `Côte d’Ivoire` and `cote d'ivoire` meet. */
function wordOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll('&', ' and ')
    .replaceAll(/['’.\p{Mark}]/gu, '')
    .replaceAll(/[^\p{Letter}]+/gu, ' ')
    .trim()
    .toLowerCase()
    .replace(/^st /, 'saint ');
}
