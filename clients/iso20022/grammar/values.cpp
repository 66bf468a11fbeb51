// Written by make_grammar.py from the ISO 20022 schemas; change that script, not this file.
// The notation is described in ../grammar.hpp.
#include "clients/iso20022/grammar.hpp"

namespace hugang::iso20022 {

const char* const kGrammarValues = R"grammar(
enum AddressType2Code ADDR PBOX HOME BIZZ MLTO DLVY
regex AnyBICDec2014Identifier [A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}
regex BICFIDec2014Identifier [A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}
text BusinessMessagePriorityCode 0 *
enum CopyDuplicate1Code CODU COPY DUPL
regex CountryCode [A-Z]{2,2}
regex Exact4AlphaNumericText [a-zA-Z0-9]{4}
text ExternalClearingSystemIdentification1Code 1 5
text ExternalFinancialInstitutionIdentification1Code 1 4
text ExternalOrganisationIdentification1Code 1 4
text ExternalPersonIdentification1Code 1 4
date ISODate
datetime ISODateTime
regex LEIIdentifier [A-Z0-9]{18,18}[0-9]{2,2}
text Max128Text 1 128
text Max140Text 1 140
text Max16Text 1 16
text Max2048Text 1 2048
text Max350Text 1 350
text Max35Text 1 35
text Max4Text 1 4
text Max70Text 1 70
enum NamePrefix2Code DOCT MADM MISS MIST MIKS
regex PhoneNumber \+[0-9]{1,3}-[0-9()+\-]{1,30}
enum PreferredContactMethod1Code LETT MAIL PHON FAXX CELL
text UnicodeChartsCode 0 *
boolean YesNoIndicator
decimal ActiveCurrencyAndAmount_SimpleType 18 5 from0
regex ActiveCurrencyCode [A-Z]{3,3}
decimal ActiveOrHistoricCurrencyAndAmount_SimpleType 18 5 from0
regex ActiveOrHistoricCurrencyCode [A-Z]{3,3}
decimal BaseOneRate 11 10
boolean BatchBookingIndicator
enum ChargeBearerType1Code DEBT CRED SHAR SLEV
enum ClearingChannel2Code RTGS RTNS MPNS BOOK
enum CreditDebitCode CRDT DBIT
decimal DecimalNumber 18 17
enum DocumentType3Code RADM RPIN FXDR DISP PUOR SCOR
enum DocumentType6Code MSIN CNFA DNFA CINV CREN DEBN HIRI SBIN CMCN SOAC DISP BOLD VCHR AROI TSUT
    PUOR
text ExternalAccountIdentification1Code 1 4
text ExternalCashAccountType1Code 1 4
text ExternalCashClearingSystem1Code 1 3
text ExternalCategoryPurpose1Code 1 4
text ExternalDiscountAmountType1Code 1 4
text ExternalDocumentLineType1Code 1 4
text ExternalGarnishmentType1Code 1 4
text ExternalLocalInstrument1Code 1 35
text ExternalProxyAccountType1Code 1 4
text ExternalPurpose1Code 1 4
text ExternalServiceLevel1Code 1 4
text ExternalTaxAmountType1Code 1 4
regex IBAN2007Identifier [A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}
time ISOTime
enum Instruction3Code CHQB HOLD PHOB TELB
enum Instruction4Code PHOA TELA
text Max10Text 1 10
regex Max15NumericText [0-9]{1,15}
text Max34Text 1 34
decimal Number 18 0
decimal PercentageRate 11 10
enum Priority2Code HIGH NORM
enum Priority3Code URGT HIGH NORM
enum RegulatoryReportingType1Code CRED DEBT BOTH
enum RemittanceLocationMethod2Code FAXI EDIC URID EMAL POST SMSM
enum SettlementMethod1Code INDA INGA COVE CLRG
enum TaxRecordPeriod1Code MM01 MM02 MM03 MM04 MM05 MM06 MM07 MM08 MM09 MM10 MM11 MM12 QTR1 QTR2
    QTR3 QTR4 HLF1 HLF2
boolean TrueFalseIndicator
regex UUIDv4Identifier [a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}
enum Instruction5Code PHOB TELB
enum Authorisation1Code AUTH FDET FSUM ILEV
regex Exact2NumericText [0-9]{2}
text ExternalMandateSetupReason1Code 1 4
text ExternalReturnReason1Code 1 4
enum Frequency6Code YEAR MNTH QURT MIAN WEEK DAIL ADHO INDA FRTN
text Max1025Text 1 1025
text Max105Text 1 105
enum PaymentMethod4Code CHK TRF DD TRA
enum SequenceType3Code FRST RCUR FNAL OOFF RPRE
text ExternalCancellationReason1Code 1 4
boolean GroupCancellationIndicator
)grammar";

}  // namespace hugang::iso20022
