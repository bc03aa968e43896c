"""Codes of countries (ISO 3166-1) and currencies (ISO 4217), and the English names by which people give them."""

from __future__ import annotations

import difflib

from relgraph.errors import ValueProblem
from relgraph.folding import fold

_COUNTRIES = """\
AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda; AI AIA Anguilla;
AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica; AR ARG Argentina; AS ASM American Samoa;
AT AUT Austria; AU AUS Australia; AW ABW Aruba; AX ALA Åland Islands; AZ AZE Azerbaijan;
BA BIH Bosnia and Herzegovina; BB BRB Barbados; BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso;
BG BGR Bulgaria; BH BHR Bahrain; BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda;
BN BRN Brunei; BO BOL Bolivia; BQ BES Caribbean Netherlands; BR BRA Brazil; BS BHS Bahamas; BT BTN Bhutan;
BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize;
CA CAN Canada; CC CCK Cocos Islands; CD COD Democratic Republic of the Congo; CF CAF Central African Republic;
CG COG Congo; CH CHE Switzerland; CI CIV Côte d'Ivoire; CK COK Cook Islands; CL CHL Chile; CM CMR Cameroon;
CN CHN China; CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba; CV CPV Cabo Verde; CW CUW Curaçao;
CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czechia;
DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica; DO DOM Dominican Republic; DZ DZA Algeria;
EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara; ER ERI Eritrea; ES ESP Spain; ET ETH Ethiopia;
FI FIN Finland; FJ FJI Fiji; FK FLK Falkland Islands; FM FSM Micronesia; FO FRO Faroe Islands; FR FRA France;
GA GAB Gabon; GB GBR United Kingdom; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey;
GH GHA Ghana; GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia; GN GIN Guinea; GP GLP Guadeloupe;
GQ GNQ Equatorial Guinea; GR GRC Greece; GS SGS South Georgia and the South Sandwich Islands; GT GTM Guatemala;
GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana;
HK HKG Hong Kong; HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR HRV Croatia; HT HTI Haiti;
HU HUN Hungary;
ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man; IN IND India;
IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland; IT ITA Italy;
JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan;
KE KEN Kenya; KG KGZ Kyrgyzstan; KH KHM Cambodia; KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis;
KP PRK North Korea; KR KOR South Korea; KW KWT Kuwait; KY CYM Cayman Islands; KZ KAZ Kazakhstan;
LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia;
LS LSO Lesotho; LT LTU Lithuania; LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya;
MA MAR Morocco; MC MCO Monaco; MD MDA Moldova; ME MNE Montenegro; MF MAF Saint Martin; MG MDG Madagascar;
MH MHL Marshall Islands; MK MKD North Macedonia; ML MLI Mali; MM MMR Myanmar; MN MNG Mongolia; MO MAC Macao;
MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat; MT MLT Malta;
MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia; MZ MOZ Mozambique;
NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria; NI NIC Nicaragua;
NL NLD Netherlands; NO NOR Norway; NP NPL Nepal; NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand;
OM OMN Oman;
PA PAN Panama; PE PER Peru; PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan;
PL POL Poland; PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico; PS PSE Palestine;
PT PRT Portugal; PW PLW Palau; PY PRY Paraguay;
QA QAT Qatar;
RE REU Réunion; RO ROU Romania; RS SRB Serbia; RU RUS Russia; RW RWA Rwanda;
SA SAU Saudi Arabia; SB SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden; SG SGP Singapore;
SH SHN Saint Helena, Ascension and Tristan da Cunha; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia;
SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan;
ST STP São Tomé and Príncipe; SV SLV El Salvador; SX SXM Sint Maarten; SY SYR Syria; SZ SWZ Eswatini;
TC TCA Turks and Caicos Islands; TD TCD Chad; TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand;
TJ TJK Tajikistan; TK TKL Tokelau; TL TLS Timor-Leste; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga;
TR TUR Türkiye; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania;
UA UKR Ukraine; UG UGA Uganda; UM UMI United States Minor Outlying Islands; US USA United States; UY URY Uruguay;
UZ UZB Uzbekistan;
VA VAT Vatican City; VC VCT Saint Vincent and the Grenadines; VE VEN Venezuela; VG VGB British Virgin Islands;
VI VIR United States Virgin Islands; VN VNM Vietnam; VU VUT Vanuatu;
WF WLF Wallis and Futuna; WS WSM Samoa;
XK XKX Kosovo;
YE YEM Yemen; YT MYT Mayotte;
ZA ZAF South Africa; ZM ZMB Zambia; ZW ZWE Zimbabwe
"""
# Kosovo has no code of its own in the standard; XK is the user-assigned one that registers and banks use.

_OTHER_NAMES = {
    "Bolivarian Republic of Venezuela": "VE",
    "Brunei Darussalam": "BN",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Cocos (Keeling) Islands": "CC",
    "Czech Republic": "CZ",
    "DR Congo": "CD",
    "East Timor": "TL",
    "England": "GB",
    "Federated States of Micronesia": "FM",
    "Great Britain": "GB",
    "Holland": "NL",
    "Holy See": "VA",
    "Iran, Islamic Republic of": "IR",
    "Islamic Republic of Iran": "IR",
    "Ivory Coast": "CI",
    "Korea, Republic of": "KR",
    "Lao People's Democratic Republic": "LA",
    "Macau": "MO",
    "Macedonia": "MK",
    "Northern Ireland": "GB",
    "People's Republic of China": "CN",
    "Plurinational State of Bolivia": "BO",
    "Republic of Ireland": "IE",
    "Republic of Korea": "KR",
    "Republic of Moldova": "MD",
    "Republic of the Congo": "CG",
    "Russian Federation": "RU",
    "Scotland": "GB",
    "State of Palestine": "PS",
    "Swaziland": "SZ",
    "Syrian Arab Republic": "SY",
    "Taiwan, Province of China": "TW",
    "Turkey": "TR",
    "U.K.": "GB",
    "U.S.": "US",
    "U.S.A.": "US",
    "UAE": "AE",
    "UK": "GB",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "United Republic of Tanzania": "TZ",
    "United States of America": "US",
    "Viet Nam": "VN",
    "Wales": "GB",
}

COUNTRIES: dict[str, str] = {}
"""English names of countries by two-letter code."""

_LONGEST = 100

_country_of: dict[str, str] = {}
for _entry in _COUNTRIES.replace("\n", " ").split(";"):
    _two, _three, _name = _entry.strip().split(" ", 2)
    COUNTRIES[_two] = _name
    for _key in (_two, _three, _name, f"the {_name}"):
        _country_of[fold(_key)] = _two
for _name, _two in _OTHER_NAMES.items():
    _country_of[fold(_name)] = _two
    _country_of[fold(f"the {_name}")] = _two

_IN_USE = """\
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG
"""
_WITHDRAWN = """\
ANG ATS BEF BGN BYR CUC CYP DEM EEK ESP FIM FRF GHC GRD HRK IEP ITL LTL LUF LVL MRO MTL NLG PTE ROL RUR SIT SKK SLL
STD TRL VEB VEF ZMK ZWL
"""

CURRENCIES = frozenset(f"{_IN_USE} {_WITHDRAWN}".split())
"""Codes of currencies in use, and of withdrawn ones that old contracts name."""


def country_code(text: str) -> str:
    """Return the two-letter code of a country given by a code of two or three letters or by its English name.

    Case, accents and spacing do not matter; ValueProblem with the nearest names where there is no such country.

    >>> country_code("de"), country_code("DEU"), country_code("Germany"), country_code("cote d'ivoire")
    ('DE', 'DE', 'DE', 'CI')
    """
    found = meant_code(text)
    if found in COUNTRIES:
        return found
    folded = _folded(text)
    near = [_country_of[one] for one in difflib.get_close_matches(folded, _country_of, n=3, cutoff=0.7)]
    raise ValueProblem(
        f"{text[:_LONGEST]!r} is no country",
        hint="write its two-letter code (ISO 3166), such as DE, or its English name",
        candidates=dict.fromkeys(COUNTRIES[one] for one in near),
    )


def meant_code(text: str) -> str:
    """Return the code of the country that a text means, the text itself where it means none.

    >>> meant_code("Germany"), meant_code("nowhere")
    ('DE', 'nowhere')
    """
    return text if text in COUNTRIES else _country_of.get(_folded(text), text)


def _folded(text: str) -> str:
    # no name is as long as that, and folding and comparing megabytes takes minutes
    return fold(text) if len(text) <= _LONGEST else ""


def currency_code(text: str) -> str:
    """Return the code of a currency in capitals; ValueProblem with the nearest codes where there is none.

    >>> currency_code("eur")
    'EUR'
    """
    code = "EUR" if text == "€" else text[:_LONGEST].strip().upper()
    if code in CURRENCIES:
        return code
    if code in {"$", "£", "¥", "KR"}:
        hint = f"{text.strip()} stands for several currencies: write USD, GBP, JPY or another three-letter code"
        raise ValueProblem(f"{text!r} is no currency code", hint=hint)
    raise ValueProblem(
        f"{text[:_LONGEST]!r} is no currency code",
        hint="write a three-letter code (ISO 4217), such as EUR",
        candidates=difflib.get_close_matches(code, sorted(CURRENCIES), n=3, cutoff=0.6),
    )
