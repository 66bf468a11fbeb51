// Written by make_grammar.py from the ISO 20022 schemas; change that script, not this file.
// The notation is described in ../grammar.hpp.
#include "clients/iso20022/grammar.hpp"

namespace hugang::iso20022 {

const char* const kGrammarStructures = R"grammar(
root head.001.001.02 AppHdr BusinessApplicationHeaderV02
alt AddressType3Choice Cd:AddressType2Code Prtry:GenericIdentification30
seq BranchAndFinancialInstitutionIdentification6 FinInstnId:FinancialInstitutionIdentification18
    BrnchId:BranchData3?
seq BranchData3 Id:Max35Text? LEI:LEIIdentifier? Nm:Max140Text? PstlAdr:PostalAddress24?
seq BusinessApplicationHeader5 CharSet:UnicodeChartsCode? Fr:Party44Choice To:Party44Choice
    BizMsgIdr:Max35Text MsgDefIdr:Max35Text BizSvc:Max35Text? CreDt:ISODateTime
    CpyDplct:CopyDuplicate1Code? PssblDplct:YesNoIndicator? Prty:BusinessMessagePriorityCode?
    Sgntr:SignatureEnvelope?
seq BusinessApplicationHeaderV02 CharSet:UnicodeChartsCode? Fr:Party44Choice To:Party44Choice
    BizMsgIdr:Max35Text MsgDefIdr:Max35Text BizSvc:Max35Text?
    MktPrctc:ImplementationSpecification1? CreDt:ISODateTime BizPrcgDt:ISODateTime?
    CpyDplct:CopyDuplicate1Code? PssblDplct:YesNoIndicator? Prty:BusinessMessagePriorityCode?
    Sgntr:SignatureEnvelope? Rltd:BusinessApplicationHeader5*
alt ClearingSystemIdentification2Choice Cd:ExternalClearingSystemIdentification1Code
    Prtry:Max35Text
seq ClearingSystemMemberIdentification2 ClrSysId:ClearingSystemIdentification2Choice?
    MmbId:Max35Text
seq Contact4 NmPrfx:NamePrefix2Code? Nm:Max140Text? PhneNb:PhoneNumber? MobNb:PhoneNumber?
    FaxNb:PhoneNumber? EmailAdr:Max2048Text? EmailPurp:Max35Text? JobTitl:Max35Text?
    Rspnsblty:Max35Text? Dept:Max70Text? Othr:OtherContact1*
    PrefrdMtd:PreferredContactMethod1Code?
seq DateAndPlaceOfBirth1 BirthDt:ISODate PrvcOfBirth:Max35Text? CityOfBirth:Max35Text
    CtryOfBirth:CountryCode
alt FinancialIdentificationSchemeName1Choice Cd:ExternalFinancialInstitutionIdentification1Code
    Prtry:Max35Text
seq FinancialInstitutionIdentification18 BICFI:BICFIDec2014Identifier?
    ClrSysMmbId:ClearingSystemMemberIdentification2? LEI:LEIIdentifier? Nm:Max140Text?
    PstlAdr:PostalAddress24? Othr:GenericFinancialIdentification1?
seq GenericFinancialIdentification1 Id:Max35Text SchmeNm:FinancialIdentificationSchemeName1Choice?
    Issr:Max35Text?
seq GenericIdentification30 Id:Exact4AlphaNumericText Issr:Max35Text SchmeNm:Max35Text?
seq GenericOrganisationIdentification1 Id:Max35Text
    SchmeNm:OrganisationIdentificationSchemeName1Choice? Issr:Max35Text?
seq GenericPersonIdentification1 Id:Max35Text SchmeNm:PersonIdentificationSchemeName1Choice?
    Issr:Max35Text?
seq ImplementationSpecification1 Regy:Max350Text Id:Max2048Text
seq OrganisationIdentification29 AnyBIC:AnyBICDec2014Identifier? LEI:LEIIdentifier?
    Othr:GenericOrganisationIdentification1*
alt OrganisationIdentificationSchemeName1Choice Cd:ExternalOrganisationIdentification1Code
    Prtry:Max35Text
seq OtherContact1 ChanlTp:Max4Text Id:Max128Text?
alt Party38Choice OrgId:OrganisationIdentification29 PrvtId:PersonIdentification13
alt Party44Choice OrgId:PartyIdentification135 FIId:BranchAndFinancialInstitutionIdentification6
seq PartyIdentification135 Nm:Max140Text? PstlAdr:PostalAddress24? Id:Party38Choice?
    CtryOfRes:CountryCode? CtctDtls:Contact4?
seq PersonIdentification13 DtAndPlcOfBirth:DateAndPlaceOfBirth1?
    Othr:GenericPersonIdentification1*
alt PersonIdentificationSchemeName1Choice Cd:ExternalPersonIdentification1Code Prtry:Max35Text
seq PostalAddress24 AdrTp:AddressType3Choice? Dept:Max70Text? SubDept:Max70Text? StrtNm:Max70Text?
    BldgNb:Max16Text? BldgNm:Max35Text? Flr:Max70Text? PstBx:Max16Text? Room:Max70Text?
    PstCd:Max16Text? TwnNm:Max35Text? TwnLctnNm:Max35Text? DstrctNm:Max35Text?
    CtrySubDvsn:Max35Text? Ctry:CountryCode? AdrLine:Max70Text{0,7}
any SignatureEnvelope http://www.w3.org/2000/09/xmldsig#
root pacs.008.001.08 Document Document.pacs.008.001.08
alt AccountIdentification4Choice IBAN:IBAN2007Identifier Othr:GenericAccountIdentification1
alt AccountSchemeName1Choice Cd:ExternalAccountIdentification1Code Prtry:Max35Text
attribute ActiveCurrencyAndAmount ActiveCurrencyAndAmount_SimpleType Ccy ActiveCurrencyCode
attribute ActiveOrHistoricCurrencyAndAmount ActiveOrHistoricCurrencyAndAmount_SimpleType Ccy
    ActiveOrHistoricCurrencyCode
seq CashAccount38 Id:AccountIdentification4Choice Tp:CashAccountType2Choice?
    Ccy:ActiveOrHistoricCurrencyCode? Nm:Max70Text? Prxy:ProxyAccountIdentification1?
alt CashAccountType2Choice Cd:ExternalCashAccountType1Code Prtry:Max35Text
alt CategoryPurpose1Choice Cd:ExternalCategoryPurpose1Code Prtry:Max35Text
seq Charges7 Amt:ActiveOrHistoricCurrencyAndAmount
    Agt:BranchAndFinancialInstitutionIdentification6
alt ClearingSystemIdentification3Choice Cd:ExternalCashClearingSystem1Code Prtry:Max35Text
seq CreditTransferTransaction39 PmtId:PaymentIdentification7 PmtTpInf:PaymentTypeInformation28?
    IntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt:ISODate? SttlmPrty:Priority3Code?
    SttlmTmIndctn:SettlementDateTimeIndication1? SttlmTmReq:SettlementTimeRequest2?
    AccptncDtTm:ISODateTime? PoolgAdjstmntDt:ISODate? InstdAmt:ActiveOrHistoricCurrencyAndAmount?
    XchgRate:BaseOneRate? ChrgBr:ChargeBearerType1Code ChrgsInf:Charges7*
    PrvsInstgAgt1:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt1Acct:CashAccount38?
    PrvsInstgAgt2:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt2Acct:CashAccount38?
    PrvsInstgAgt3:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt3Acct:CashAccount38?
    InstgAgt:BranchAndFinancialInstitutionIdentification6?
    InstdAgt:BranchAndFinancialInstitutionIdentification6?
    IntrmyAgt1:BranchAndFinancialInstitutionIdentification6? IntrmyAgt1Acct:CashAccount38?
    IntrmyAgt2:BranchAndFinancialInstitutionIdentification6? IntrmyAgt2Acct:CashAccount38?
    IntrmyAgt3:BranchAndFinancialInstitutionIdentification6? IntrmyAgt3Acct:CashAccount38?
    UltmtDbtr:PartyIdentification135? InitgPty:PartyIdentification135? Dbtr:PartyIdentification135
    DbtrAcct:CashAccount38? DbtrAgt:BranchAndFinancialInstitutionIdentification6
    DbtrAgtAcct:CashAccount38? CdtrAgt:BranchAndFinancialInstitutionIdentification6
    CdtrAgtAcct:CashAccount38? Cdtr:PartyIdentification135 CdtrAcct:CashAccount38?
    UltmtCdtr:PartyIdentification135? InstrForCdtrAgt:InstructionForCreditorAgent1*
    InstrForNxtAgt:InstructionForNextAgent1* Purp:Purpose2Choice?
    RgltryRptg:RegulatoryReporting3{0,10} Tax:TaxInformation8?
    RltdRmtInf:RemittanceLocation7{0,10} RmtInf:RemittanceInformation16?
    SplmtryData:SupplementaryData1*
seq CreditorReferenceInformation2 Tp:CreditorReferenceType2? Ref:Max35Text?
alt CreditorReferenceType1Choice Cd:DocumentType3Code Prtry:Max35Text
seq CreditorReferenceType2 CdOrPrtry:CreditorReferenceType1Choice Issr:Max35Text?
seq DatePeriod2 FrDt:ISODate ToDt:ISODate
seq DiscountAmountAndType1 Tp:DiscountAmountType1Choice? Amt:ActiveOrHistoricCurrencyAndAmount
alt DiscountAmountType1Choice Cd:ExternalDiscountAmountType1Code Prtry:Max35Text
seq Document.pacs.008.001.08 FIToFICstmrCdtTrf:FIToFICustomerCreditTransferV08
seq DocumentAdjustment1 Amt:ActiveOrHistoricCurrencyAndAmount CdtDbtInd:CreditDebitCode?
    Rsn:Max4Text? AddtlInf:Max140Text?
seq DocumentLineIdentification1 Tp:DocumentLineType1? Nb:Max35Text? RltdDt:ISODate?
seq DocumentLineInformation1 Id:DocumentLineIdentification1+ Desc:Max2048Text?
    Amt:RemittanceAmount3?
seq DocumentLineType1 CdOrPrtry:DocumentLineType1Choice Issr:Max35Text?
alt DocumentLineType1Choice Cd:ExternalDocumentLineType1Code Prtry:Max35Text
seq FIToFICustomerCreditTransferV08 GrpHdr:GroupHeader93 CdtTrfTxInf:CreditTransferTransaction39+
    SplmtryData:SupplementaryData1*
seq Garnishment3 Tp:GarnishmentType1 Grnshee:PartyIdentification135?
    GrnshmtAdmstr:PartyIdentification135? RefNb:Max140Text? Dt:ISODate?
    RmtdAmt:ActiveOrHistoricCurrencyAndAmount? FmlyMdclInsrncInd:TrueFalseIndicator?
    MplyeeTermntnInd:TrueFalseIndicator?
seq GarnishmentType1 CdOrPrtry:GarnishmentType1Choice Issr:Max35Text?
alt GarnishmentType1Choice Cd:ExternalGarnishmentType1Code Prtry:Max35Text
seq GenericAccountIdentification1 Id:Max34Text SchmeNm:AccountSchemeName1Choice? Issr:Max35Text?
seq GroupHeader93 MsgId:Max35Text CreDtTm:ISODateTime BtchBookg:BatchBookingIndicator?
    NbOfTxs:Max15NumericText CtrlSum:DecimalNumber? TtlIntrBkSttlmAmt:ActiveCurrencyAndAmount?
    IntrBkSttlmDt:ISODate? SttlmInf:SettlementInstruction7 PmtTpInf:PaymentTypeInformation28?
    InstgAgt:BranchAndFinancialInstitutionIdentification6?
    InstdAgt:BranchAndFinancialInstitutionIdentification6?
seq InstructionForCreditorAgent1 Cd:Instruction3Code? InstrInf:Max140Text?
seq InstructionForNextAgent1 Cd:Instruction4Code? InstrInf:Max140Text?
alt LocalInstrument2Choice Cd:ExternalLocalInstrument1Code Prtry:Max35Text
seq NameAndAddress16 Nm:Max140Text Adr:PostalAddress24
seq PaymentIdentification7 InstrId:Max35Text? EndToEndId:Max35Text TxId:Max35Text?
    UETR:UUIDv4Identifier? ClrSysRef:Max35Text?
seq PaymentTypeInformation28 InstrPrty:Priority2Code? ClrChanl:ClearingChannel2Code?
    SvcLvl:ServiceLevel8Choice* LclInstrm:LocalInstrument2Choice? CtgyPurp:CategoryPurpose1Choice?
seq ProxyAccountIdentification1 Tp:ProxyAccountType1Choice? Id:Max2048Text
alt ProxyAccountType1Choice Cd:ExternalProxyAccountType1Code Prtry:Max35Text
alt Purpose2Choice Cd:ExternalPurpose1Code Prtry:Max35Text
seq ReferredDocumentInformation7 Tp:ReferredDocumentType4? Nb:Max35Text? RltdDt:ISODate?
    LineDtls:DocumentLineInformation1*
alt ReferredDocumentType3Choice Cd:DocumentType6Code Prtry:Max35Text
seq ReferredDocumentType4 CdOrPrtry:ReferredDocumentType3Choice Issr:Max35Text?
seq RegulatoryAuthority2 Nm:Max140Text? Ctry:CountryCode?
seq RegulatoryReporting3 DbtCdtRptgInd:RegulatoryReportingType1Code? Authrty:RegulatoryAuthority2?
    Dtls:StructuredRegulatoryReporting3*
seq RemittanceAmount2 DuePyblAmt:ActiveOrHistoricCurrencyAndAmount?
    DscntApldAmt:DiscountAmountAndType1* CdtNoteAmt:ActiveOrHistoricCurrencyAndAmount?
    TaxAmt:TaxAmountAndType1* AdjstmntAmtAndRsn:DocumentAdjustment1*
    RmtdAmt:ActiveOrHistoricCurrencyAndAmount?
seq RemittanceAmount3 DuePyblAmt:ActiveOrHistoricCurrencyAndAmount?
    DscntApldAmt:DiscountAmountAndType1* CdtNoteAmt:ActiveOrHistoricCurrencyAndAmount?
    TaxAmt:TaxAmountAndType1* AdjstmntAmtAndRsn:DocumentAdjustment1*
    RmtdAmt:ActiveOrHistoricCurrencyAndAmount?
seq RemittanceInformation16 Ustrd:Max140Text* Strd:StructuredRemittanceInformation16*
seq RemittanceLocation7 RmtId:Max35Text? RmtLctnDtls:RemittanceLocationData1*
seq RemittanceLocationData1 Mtd:RemittanceLocationMethod2Code ElctrncAdr:Max2048Text?
    PstlAdr:NameAndAddress16?
alt ServiceLevel8Choice Cd:ExternalServiceLevel1Code Prtry:Max35Text
seq SettlementDateTimeIndication1 DbtDtTm:ISODateTime? CdtDtTm:ISODateTime?
seq SettlementInstruction7 SttlmMtd:SettlementMethod1Code SttlmAcct:CashAccount38?
    ClrSys:ClearingSystemIdentification3Choice?
    InstgRmbrsmntAgt:BranchAndFinancialInstitutionIdentification6?
    InstgRmbrsmntAgtAcct:CashAccount38?
    InstdRmbrsmntAgt:BranchAndFinancialInstitutionIdentification6?
    InstdRmbrsmntAgtAcct:CashAccount38?
    ThrdRmbrsmntAgt:BranchAndFinancialInstitutionIdentification6?
    ThrdRmbrsmntAgtAcct:CashAccount38?
seq SettlementTimeRequest2 CLSTm:ISOTime? TillTm:ISOTime? FrTm:ISOTime? RjctTm:ISOTime?
seq StructuredRegulatoryReporting3 Tp:Max35Text? Dt:ISODate? Ctry:CountryCode? Cd:Max10Text?
    Amt:ActiveOrHistoricCurrencyAndAmount? Inf:Max35Text*
seq StructuredRemittanceInformation16 RfrdDocInf:ReferredDocumentInformation7*
    RfrdDocAmt:RemittanceAmount2? CdtrRefInf:CreditorReferenceInformation2?
    Invcr:PartyIdentification135? Invcee:PartyIdentification135? TaxRmt:TaxInformation7?
    GrnshmtRmt:Garnishment3? AddtlRmtInf:Max140Text{0,3}
seq SupplementaryData1 PlcAndNm:Max350Text? Envlp:SupplementaryDataEnvelope1
any SupplementaryDataEnvelope1
seq TaxAmount2 Rate:PercentageRate? TaxblBaseAmt:ActiveOrHistoricCurrencyAndAmount?
    TtlAmt:ActiveOrHistoricCurrencyAndAmount? Dtls:TaxRecordDetails2*
seq TaxAmountAndType1 Tp:TaxAmountType1Choice? Amt:ActiveOrHistoricCurrencyAndAmount
alt TaxAmountType1Choice Cd:ExternalTaxAmountType1Code Prtry:Max35Text
seq TaxAuthorisation1 Titl:Max35Text? Nm:Max140Text?
seq TaxInformation7 Cdtr:TaxParty1? Dbtr:TaxParty2? UltmtDbtr:TaxParty2? AdmstnZone:Max35Text?
    RefNb:Max140Text? Mtd:Max35Text? TtlTaxblBaseAmt:ActiveOrHistoricCurrencyAndAmount?
    TtlTaxAmt:ActiveOrHistoricCurrencyAndAmount? Dt:ISODate? SeqNb:Number? Rcrd:TaxRecord2*
seq TaxInformation8 Cdtr:TaxParty1? Dbtr:TaxParty2? AdmstnZone:Max35Text? RefNb:Max140Text?
    Mtd:Max35Text? TtlTaxblBaseAmt:ActiveOrHistoricCurrencyAndAmount?
    TtlTaxAmt:ActiveOrHistoricCurrencyAndAmount? Dt:ISODate? SeqNb:Number? Rcrd:TaxRecord2*
seq TaxParty1 TaxId:Max35Text? RegnId:Max35Text? TaxTp:Max35Text?
seq TaxParty2 TaxId:Max35Text? RegnId:Max35Text? TaxTp:Max35Text? Authstn:TaxAuthorisation1?
seq TaxPeriod2 Yr:ISODate? Tp:TaxRecordPeriod1Code? FrToDt:DatePeriod2?
seq TaxRecord2 Tp:Max35Text? Ctgy:Max35Text? CtgyDtls:Max35Text? DbtrSts:Max35Text?
    CertId:Max35Text? FrmsCd:Max35Text? Prd:TaxPeriod2? TaxAmt:TaxAmount2? AddtlInf:Max140Text?
seq TaxRecordDetails2 Prd:TaxPeriod2? Amt:ActiveOrHistoricCurrencyAndAmount
root pacs.009.001.08 Document Document.pacs.009.001.08
seq CreditTransferTransaction36 PmtId:PaymentIdentification7 PmtTpInf:PaymentTypeInformation28?
    IntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt:ISODate? SttlmPrty:Priority3Code?
    SttlmTmIndctn:SettlementDateTimeIndication1? SttlmTmReq:SettlementTimeRequest2?
    PrvsInstgAgt1:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt1Acct:CashAccount38?
    PrvsInstgAgt2:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt2Acct:CashAccount38?
    PrvsInstgAgt3:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt3Acct:CashAccount38?
    InstgAgt:BranchAndFinancialInstitutionIdentification6?
    InstdAgt:BranchAndFinancialInstitutionIdentification6?
    IntrmyAgt1:BranchAndFinancialInstitutionIdentification6? IntrmyAgt1Acct:CashAccount38?
    IntrmyAgt2:BranchAndFinancialInstitutionIdentification6? IntrmyAgt2Acct:CashAccount38?
    IntrmyAgt3:BranchAndFinancialInstitutionIdentification6? IntrmyAgt3Acct:CashAccount38?
    UltmtDbtr:BranchAndFinancialInstitutionIdentification6?
    Dbtr:BranchAndFinancialInstitutionIdentification6 DbtrAcct:CashAccount38?
    DbtrAgt:BranchAndFinancialInstitutionIdentification6? DbtrAgtAcct:CashAccount38?
    CdtrAgt:BranchAndFinancialInstitutionIdentification6? CdtrAgtAcct:CashAccount38?
    Cdtr:BranchAndFinancialInstitutionIdentification6 CdtrAcct:CashAccount38?
    UltmtCdtr:BranchAndFinancialInstitutionIdentification6?
    InstrForCdtrAgt:InstructionForCreditorAgent2* InstrForNxtAgt:InstructionForNextAgent1*
    Purp:Purpose2Choice? RmtInf:RemittanceInformation2?
    UndrlygCstmrCdtTrf:CreditTransferTransaction37? SplmtryData:SupplementaryData1*
seq CreditTransferTransaction37 UltmtDbtr:PartyIdentification135? InitgPty:PartyIdentification135?
    Dbtr:PartyIdentification135 DbtrAcct:CashAccount38?
    DbtrAgt:BranchAndFinancialInstitutionIdentification6 DbtrAgtAcct:CashAccount38?
    PrvsInstgAgt1:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt1Acct:CashAccount38?
    PrvsInstgAgt2:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt2Acct:CashAccount38?
    PrvsInstgAgt3:BranchAndFinancialInstitutionIdentification6? PrvsInstgAgt3Acct:CashAccount38?
    IntrmyAgt1:BranchAndFinancialInstitutionIdentification6? IntrmyAgt1Acct:CashAccount38?
    IntrmyAgt2:BranchAndFinancialInstitutionIdentification6? IntrmyAgt2Acct:CashAccount38?
    IntrmyAgt3:BranchAndFinancialInstitutionIdentification6? IntrmyAgt3Acct:CashAccount38?
    CdtrAgt:BranchAndFinancialInstitutionIdentification6 CdtrAgtAcct:CashAccount38?
    Cdtr:PartyIdentification135 CdtrAcct:CashAccount38? UltmtCdtr:PartyIdentification135?
    InstrForCdtrAgt:InstructionForCreditorAgent1* InstrForNxtAgt:InstructionForNextAgent1*
    Tax:TaxInformation8? RmtInf:RemittanceInformation16?
    InstdAmt:ActiveOrHistoricCurrencyAndAmount?
seq Document.pacs.009.001.08 FICdtTrf:FinancialInstitutionCreditTransferV08
seq FinancialInstitutionCreditTransferV08 GrpHdr:GroupHeader93
    CdtTrfTxInf:CreditTransferTransaction36+ SplmtryData:SupplementaryData1*
seq InstructionForCreditorAgent2 Cd:Instruction5Code? InstrInf:Max140Text?
seq RemittanceInformation2 Ustrd:Max140Text*
root pacs.004.001.09 Document Document.pacs.004.001.09
seq AmendmentInformationDetails13 OrgnlMndtId:Max35Text? OrgnlCdtrSchmeId:PartyIdentification135?
    OrgnlCdtrAgt:BranchAndFinancialInstitutionIdentification6? OrgnlCdtrAgtAcct:CashAccount38?
    OrgnlDbtr:PartyIdentification135? OrgnlDbtrAcct:CashAccount38?
    OrgnlDbtrAgt:BranchAndFinancialInstitutionIdentification6? OrgnlDbtrAgtAcct:CashAccount38?
    OrgnlFnlColltnDt:ISODate? OrgnlFrqcy:Frequency36Choice? OrgnlRsn:MandateSetupReason1Choice?
    OrgnlTrckgDays:Exact2NumericText?
alt AmountType4Choice InstdAmt:ActiveOrHistoricCurrencyAndAmount EqvtAmt:EquivalentAmount2
alt Authorisation1Choice Cd:Authorisation1Code Prtry:Max128Text
alt DateAndDateTime2Choice Dt:ISODate DtTm:ISODateTime
seq Document.pacs.004.001.09 PmtRtr:PaymentReturnV09
seq EquivalentAmount2 Amt:ActiveOrHistoricCurrencyAndAmount CcyOfTrf:ActiveOrHistoricCurrencyCode
alt Frequency36Choice Tp:Frequency6Code Prd:FrequencyPeriod1 PtInTm:FrequencyAndMoment1
seq FrequencyAndMoment1 Tp:Frequency6Code PtInTm:Exact2NumericText
seq FrequencyPeriod1 Tp:Frequency6Code CntPerPrd:DecimalNumber
seq GroupHeader90 MsgId:Max35Text CreDtTm:ISODateTime Authstn:Authorisation1Choice{0,2}
    BtchBookg:BatchBookingIndicator? NbOfTxs:Max15NumericText CtrlSum:DecimalNumber?
    GrpRtr:TrueFalseIndicator? TtlRtrdIntrBkSttlmAmt:ActiveCurrencyAndAmount?
    IntrBkSttlmDt:ISODate? SttlmInf:SettlementInstruction7
    InstgAgt:BranchAndFinancialInstitutionIdentification6?
    InstdAgt:BranchAndFinancialInstitutionIdentification6?
seq MandateRelatedInformation14 MndtId:Max35Text? DtOfSgntr:ISODate? AmdmntInd:TrueFalseIndicator?
    AmdmntInfDtls:AmendmentInformationDetails13? ElctrncSgntr:Max1025Text? FrstColltnDt:ISODate?
    FnlColltnDt:ISODate? Frqcy:Frequency36Choice? Rsn:MandateSetupReason1Choice?
    TrckgDays:Exact2NumericText?
alt MandateSetupReason1Choice Cd:ExternalMandateSetupReason1Code Prtry:Max70Text
seq OriginalGroupHeader18 OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text OrgnlCreDtTm:ISODateTime?
    RtrRsnInf:PaymentReturnReason6*
seq OriginalGroupInformation29 OrgnlMsgId:Max35Text OrgnlMsgNmId:Max35Text
    OrgnlCreDtTm:ISODateTime?
seq OriginalTransactionReference28 IntrBkSttlmAmt:ActiveOrHistoricCurrencyAndAmount?
    Amt:AmountType4Choice? IntrBkSttlmDt:ISODate? ReqdColltnDt:ISODate?
    ReqdExctnDt:DateAndDateTime2Choice? CdtrSchmeId:PartyIdentification135?
    SttlmInf:SettlementInstruction7? PmtTpInf:PaymentTypeInformation27? PmtMtd:PaymentMethod4Code?
    MndtRltdInf:MandateRelatedInformation14? RmtInf:RemittanceInformation16?
    UltmtDbtr:Party40Choice? Dbtr:Party40Choice? DbtrAcct:CashAccount38?
    DbtrAgt:BranchAndFinancialInstitutionIdentification6? DbtrAgtAcct:CashAccount38?
    CdtrAgt:BranchAndFinancialInstitutionIdentification6? CdtrAgtAcct:CashAccount38?
    Cdtr:Party40Choice? CdtrAcct:CashAccount38? UltmtCdtr:Party40Choice? Purp:Purpose2Choice?
alt Party40Choice Pty:PartyIdentification135 Agt:BranchAndFinancialInstitutionIdentification6
seq PaymentReturnReason6 Orgtr:PartyIdentification135? Rsn:ReturnReason5Choice?
    AddtlInf:Max105Text*
seq PaymentReturnV09 GrpHdr:GroupHeader90 OrgnlGrpInf:OriginalGroupHeader18?
    TxInf:PaymentTransaction112* SplmtryData:SupplementaryData1*
seq PaymentTransaction112 RtrId:Max35Text? OrgnlGrpInf:OriginalGroupInformation29?
    OrgnlInstrId:Max35Text? OrgnlEndToEndId:Max35Text? OrgnlTxId:Max35Text?
    OrgnlUETR:UUIDv4Identifier? OrgnlClrSysRef:Max35Text?
    OrgnlIntrBkSttlmAmt:ActiveOrHistoricCurrencyAndAmount? OrgnlIntrBkSttlmDt:ISODate?
    RtrdIntrBkSttlmAmt:ActiveCurrencyAndAmount IntrBkSttlmDt:ISODate? SttlmPrty:Priority3Code?
    SttlmTmIndctn:SettlementDateTimeIndication1? RtrdInstdAmt:ActiveOrHistoricCurrencyAndAmount?
    XchgRate:BaseOneRate? CompstnAmt:ActiveOrHistoricCurrencyAndAmount?
    ChrgBr:ChargeBearerType1Code? ChrgsInf:Charges7* ClrSysRef:Max35Text?
    InstgAgt:BranchAndFinancialInstitutionIdentification6?
    InstdAgt:BranchAndFinancialInstitutionIdentification6? RtrChain:TransactionParties7?
    RtrRsnInf:PaymentReturnReason6* OrgnlTxRef:OriginalTransactionReference28?
    SplmtryData:SupplementaryData1*
seq PaymentTypeInformation27 InstrPrty:Priority2Code? ClrChanl:ClearingChannel2Code?
    SvcLvl:ServiceLevel8Choice* LclInstrm:LocalInstrument2Choice? SeqTp:SequenceType3Code?
    CtgyPurp:CategoryPurpose1Choice?
alt ReturnReason5Choice Cd:ExternalReturnReason1Code Prtry:Max35Text
seq TransactionParties7 UltmtDbtr:Party40Choice? Dbtr:Party40Choice InitgPty:Party40Choice?
    DbtrAgt:BranchAndFinancialInstitutionIdentification6?
    PrvsInstgAgt1:BranchAndFinancialInstitutionIdentification6?
    PrvsInstgAgt2:BranchAndFinancialInstitutionIdentification6?
    PrvsInstgAgt3:BranchAndFinancialInstitutionIdentification6?
    IntrmyAgt1:BranchAndFinancialInstitutionIdentification6?
    IntrmyAgt2:BranchAndFinancialInstitutionIdentification6?
    IntrmyAgt3:BranchAndFinancialInstitutionIdentification6?
    CdtrAgt:BranchAndFinancialInstitutionIdentification6? Cdtr:Party40Choice
    UltmtCdtr:Party40Choice?
root camt.056.001.08 Document Document.camt.056.001.08
alt CancellationReason33Choice Cd:ExternalCancellationReason1Code Prtry:Max35Text
seq Case5 Id:Max35Text Cretr:Party40Choice ReopCaseIndctn:YesNoIndicator?
seq CaseAssignment5 Id:Max35Text Assgnr:Party40Choice Assgne:Party40Choice CreDtTm:ISODateTime
seq ControlData1 NbOfTxs:Max15NumericText CtrlSum:DecimalNumber?
seq Document.camt.056.001.08 FIToFIPmtCxlReq:FIToFIPaymentCancellationRequestV08
seq FIToFIPaymentCancellationRequestV08 Assgnmt:CaseAssignment5 Case:Case5? CtrlData:ControlData1?
    Undrlyg:UnderlyingTransaction23+ SplmtryData:SupplementaryData1*
seq OriginalGroupHeader15 GrpCxlId:Max35Text? Case:Case5? OrgnlMsgId:Max35Text
    OrgnlMsgNmId:Max35Text OrgnlCreDtTm:ISODateTime? NbOfTxs:Max15NumericText?
    CtrlSum:DecimalNumber? GrpCxl:GroupCancellationIndicator?
    CxlRsnInf:PaymentCancellationReason5*
seq PaymentCancellationReason5 Orgtr:PartyIdentification135? Rsn:CancellationReason33Choice?
    AddtlInf:Max105Text*
seq PaymentTransaction106 CxlId:Max35Text? Case:Case5? OrgnlGrpInf:OriginalGroupInformation29?
    OrgnlInstrId:Max35Text? OrgnlEndToEndId:Max35Text? OrgnlTxId:Max35Text?
    OrgnlUETR:UUIDv4Identifier? OrgnlClrSysRef:Max35Text?
    OrgnlIntrBkSttlmAmt:ActiveOrHistoricCurrencyAndAmount? OrgnlIntrBkSttlmDt:ISODate?
    Assgnr:BranchAndFinancialInstitutionIdentification6?
    Assgne:BranchAndFinancialInstitutionIdentification6? CxlRsnInf:PaymentCancellationReason5*
    OrgnlTxRef:OriginalTransactionReference28? SplmtryData:SupplementaryData1*
seq UnderlyingTransaction23 OrgnlGrpInfAndCxl:OriginalGroupHeader15? TxInf:PaymentTransaction106*
)grammar";

}  // namespace hugang::iso20022
