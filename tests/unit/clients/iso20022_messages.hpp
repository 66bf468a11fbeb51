// One message of our own of each kind, for tests to begin from.
#pragma once

#include <string>

namespace hugang::iso20022::test {

/// A pacs.008 with one payment of 1,250.50 CNY from Shanghai to Hong Kong, with every part that the
/// reader looks at.
inline const std::string kCustomerTransfer = R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
<GrpHdr><MsgId>SH-20261120-0001</MsgId><CreDtTm>2026-11-20T09:30:00+08:00</CreDtTm>
<NbOfTxs>1</NbOfTxs><CtrlSum>1250.5</CtrlSum>
<TtlIntrBkSttlmAmt Ccy="CNY">1250.50</TtlIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>
<SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>HUGANG</Prtry></ClrSys></SttlmInf>
<InstgAgt><FinInstnId><BICFI>SFBKCNSHXXX</BICFI></FinInstnId></InstgAgt>
<InstdAgt><FinInstnId><BICFI>HFBKHKHHXXX</BICFI></FinInstnId></InstdAgt></GrpHdr>
<CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId><TxId>T-1</TxId>
<UETR>5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f</UETR></PmtId>
<PmtTpInf><InstrPrty>HIGH</InstrPrty><SvcLvl><Cd>URGP</Cd></SvcLvl><LclInstrm><Prtry>PVP</Prtry></LclInstrm>
<CtgyPurp><Cd>TRAD</Cd></CtgyPurp></PmtTpInf>
<IntrBkSttlmAmt Ccy="CNY">1250.50</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr>
<UltmtDbtr><Nm>浦东示例控股</Nm></UltmtDbtr>
<Dbtr><Nm>上海示例贸易有限公司 &amp; Co</Nm><PstlAdr><StrtNm>示例路</StrtNm><BldgNb>1</BldgNb><TwnNm>Shanghai</TwnNm>
<Ctry>CN</Ctry><AdrLine>Room 8</AdrLine><AdrLine>Floor 3</AdrLine></PstlAdr>
<Id><OrgId><LEI>529900T8BM49AURSDO55</LEI><Othr><Id>91310000X</Id></Othr></OrgId></Id></Dbtr>
<DbtrAcct><Id><Othr><Id>1000000000145</Id></Othr></Id><Ccy>CNY</Ccy></DbtrAcct>
<DbtrAgt><FinInstnId><BICFI>SFBKCNSHXXX</BICFI><Nm>上海示例银行</Nm></FinInstnId></DbtrAgt>
<CdtrAgt><FinInstnId><BICFI>HFBKHKHHXXX</BICFI><LEI>5493001KJTIIGC8Y1R12</LEI></FinInstnId></CdtrAgt>
<Cdtr><Nm>Example Trading (HK) Ltd</Nm><Id><PrvtId><DtAndPlcOfBirth><BirthDt>1980-02-29</BirthDt>
<CityOfBirth>Hong Kong</CityOfBirth><CtryOfBirth>HK</CtryOfBirth></DtAndPlcOfBirth></PrvtId></Id></Cdtr>
<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>
<InstrForNxtAgt><Cd>PHOA</Cd><InstrInf>before noon</InstrInf></InstrForNxtAgt>
<Purp><Cd>GDDS</Cd></Purp><RmtInf><Ustrd>发票 12345</Ustrd><Ustrd>part 2</Ustrd></RmtInf>
<SplmtryData><Envlp><Gold xmlns="urn:hugang:xml:gold:1"><GoldQty Unt="GRM">10.5</GoldQty>
<DlvrgAcct>2000000000163</DlvrgAcct></Gold></Envlp></SplmtryData>
</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>)";

inline const std::string kInstitutionTransfer = R"(<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08"><FICdtTrf>
<GrpHdr><MsgId>M-9</MsgId><CreDtTm>2026-11-20T09:30:00Z</CreDtTm><NbOfTxs>2</NbOfTxs>
<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>
<CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId><UETR>e2eae8b6-1a2b-4c3d-8e9f-0123456789ab</UETR></PmtId>
<IntrBkSttlmAmt Ccy="HKD">5000</IntrBkSttlmAmt><IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>
<Dbtr><FinInstnId><BICFI>HFBKHKHH</BICFI></FinInstnId></Dbtr>
<Cdtr><FinInstnId><BICFI>SFBKCNSH</BICFI></FinInstnId></Cdtr>
<UndrlygCstmrCdtTrf><Dbtr><Nm>Payer</Nm></Dbtr><DbtrAgt><FinInstnId/></DbtrAgt>
<CdtrAgt><FinInstnId/></CdtrAgt><Cdtr><Nm>Payee</Nm></Cdtr>
<RmtInf><Ustrd>cover</Ustrd></RmtInf></UndrlygCstmrCdtTrf></CdtTrfTxInf>
<CdtTrfTxInf><PmtId><EndToEndId>E-2</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="HKD">0.01</IntrBkSttlmAmt>
<Dbtr><FinInstnId/></Dbtr><Cdtr><FinInstnId/></Cdtr></CdtTrfTxInf></FICdtTrf></Document>)";

inline const std::string kReturn = R"(<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
<GrpHdr><MsgId>RT-1</MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
<OrgnlGrpInf><OrgnlMsgId>SH-20261120-0001</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>
<OrgnlCreDtTm>2026-11-20T09:30:00+08:00</OrgnlCreDtTm></OrgnlGrpInf>
<TxInf><RtrId>R-1</RtrId><OrgnlEndToEndId>E-1</OrgnlEndToEndId>
<OrgnlUETR>5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f</OrgnlUETR>
<OrgnlIntrBkSttlmAmt Ccy="CNY">1250.50</OrgnlIntrBkSttlmAmt>
<RtrdIntrBkSttlmAmt Ccy="CNY">1000.00</RtrdIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>
<RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></RtrRsnInf></TxInf>
</PmtRtr></Document>)";

inline const std::string kRecall = R"(<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"><FIToFIPmtCxlReq>
<Assgnmt><Id>RC-1</Id><Assgnr><Agt><FinInstnId><BICFI>SFBKCNSHXXX</BICFI></FinInstnId></Agt></Assgnr>
<Assgne><Pty><Nm>HK desk</Nm></Pty></Assgne><CreDtTm>2026-11-20T11:00:00Z</CreDtTm></Assgnmt>
<Case><Id>CASE-1</Id><Cretr><Agt><FinInstnId/></Agt></Cretr></Case>
<CtrlData><NbOfTxs>1</NbOfTxs></CtrlData>
<Undrlyg><TxInf><CxlId>C-1</CxlId><OrgnlGrpInf><OrgnlMsgId>SH-20261120-0001</OrgnlMsgId>
<OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf><OrgnlInstrId>I-1</OrgnlInstrId>
<OrgnlUETR>5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f</OrgnlUETR>
<OrgnlIntrBkSttlmAmt Ccy="CNY">1250.50</OrgnlIntrBkSttlmAmt>
<OrgnlIntrBkSttlmDt>2026-11-20</OrgnlIntrBkSttlmDt>
<CxlRsnInf><Orgtr><Nm>Payer</Nm></Orgtr><Rsn><Cd>DUPL</Cd></Rsn><AddtlInf>sent twice</AddtlInf></CxlRsnInf>
</TxInf></Undrlyg></FIToFIPmtCxlReq></Document>)";

inline const std::string kHeader =
    R"(<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><FIId><FinInstnId>
<BICFI>SFBKCNSHXXX</BICFI></FinInstnId></FIId></Fr><To><FIId><FinInstnId><BICFI>HFBKHKHHXXX</BICFI>
</FinInstnId></FIId></To><BizMsgIdr>B-1</BizMsgIdr><MsgDefIdr>pacs.008.001.08</MsgDefIdr>
<CreDt>2026-11-20T09:30:00+08:00</CreDt></AppHdr>)";

}  // namespace hugang::iso20022::test
