//! What exports call things: headers and words in English, traditional and simplified Chinese.
//!
//! Headers are compared without case, blanks and signs: `Customer ID`, `customer_id` and `customerId` are one.

/// Headers per canonical column, beside its own name, the most telling first, as [`normal`] has them.
const HEADERS: &[(&str, &str)] = &[
    (
        "order_id",
        "orderno ordernumber orderid invoiceno invoice invoiceid invoicenumber receiptno receiptid \
         transactionid transactionno basketid billno ticketno saleid salesno docno 訂單編號 訂單號 訂單號碼 單號 單據號碼 銷售單號 \
         消費單號 交易序號 交易編號 發票號碼 帳單編號 订单编号 订单号 单号 单据号 销售单号 消费单号 交易号 交易编号 流水号 账单编号",
    ),
    ("line_no", "lineno linenumber line lineitem itemseq seq 項次 序號 行號 明細序號 项次 序号 行号"),
    (
        "customer_id",
        "customerid customer customerno customercode custid clientid clientno memberid memberno membercode \
         patientid patientno userid buyerid accountid contactid householdid cardno loyaltyid 會員編號 會員代號 會員卡號 \
         會員號 會員 客戶編號 客戶代號 客戶 顧客編號 顧客 病歷號 病歷號碼 病患編號 会员编号 会员号 会员卡号 会员 客户编号 客户号 客户 顾客编号 顾客 病历号 患者编号",
    ),
    (
        "order_branch_id",
        "orderbranchid orderbranch sellingbranch soldat 售出院所 售出分店 售出門市 购卡门店 售卡门店 销售门店",
    ),
    (
        "branch_id",
        "branch branchid branchcode storeid store storecode shopid shop clinicid clinic outlet locationid 分店 \
         分店代號 分店編號 門市 門市代號 門市編號 店別 店號 院區 診所 据点 分店编号 门店 门店编号 店铺 店号 院区 诊所 分院 院所 院別",
    ),
    (
        "paid_at",
        "paidat paiddate paymentdate paymenttime orderdate ordertime invoicedate transactiondate \
         transactiontimestamp transactiontime saledate salesdate purchasedate date datetime timestamp \
         createdat 付款時間 付款日期 付款日 結帳時間 結帳日期 訂單日期 訂單時間 交易日期 交易時間 消費日期 消費時間 銷售日期 購買日期 日期 時間 付款时间 结账时间 结账日期 订单日期 \
         订单时间 下单时间 交易时间 消费日期 消费时间 销售日期 购买日期 时间 收款時間 收款日期 收款时间 收款日期",
    ),
    (
        "amount",
        "amount amountpaid paidamount netamount totalamount linetotal netsales salesvalue sales totalprice \
         total revenue spend unitspend value dollarvalue paid payment 實收金額 實收 實付金額 付款金額 金額 小計 總額 總金額 銷售金額 \
         消費金額 交易金額 應收金額 实收金额 实收 实付金额 付款金额 金额 小计 总额 总金额 销售金额 消费金额 交易金额",
    ),
    ("quantity", "quantity qty unitquantity units unitssold pieces numberofitems count 數量 件數 次數 数量 件数 次数"),
    ("department", "department dept division specialty 科別 部門 科別名稱 療程科別 科室 部门 科别"),
    (
        "item_id",
        "itemid itemno itemcode item sku productid productcode product stockcode upc treatmentid servicecode \
         品項 品號 品項代號 商品編號 商品代號 產品編號 項目代號 項目 療程代號 療程 品项 商品编号 产品编号 项目编号 项目 疗程 項目代碼 品項代碼 商品代碼 产品代码 项目代码",
    ),
    (
        "list_amount",
        "listamount listtotal grossamount originalamount fullamount undiscounted 原價 定價金額 原價金額 牌價 原价 定价金额 原价金额 牌价",
    ),
    ("cost", "cost totalcost costamount 成本 成本金額 成本金额"),
    ("status", "status orderstatus paymentstatus state 狀態 訂單狀態 付款狀態 预约状态 狀況 状态 订单状态 付款状态"),
    ("kind", "kind type ordertype visittype 類型 類別 消費類型 到診類型 类型 类别 消费类型"),
    ("package_sessions", "packagesessions sessions totalsessions 療程堂數 總堂數 總次數 总次数 疗程次数 堂數 疗程堂数"),
    ("referrer_id", "referrerid referredby referrer 介紹人 推薦人 介绍人 推荐人"),
    ("campaign_id", "campaignid campaign utmcampaign campaignname adcampaign 活動代號 活動 檔期 活动编号 活动 档期"),
    ("channel", "channel source leadsource utmsource 來源 管道 渠道 来源"),
    ("updated_at", "updatedat modifiedat lastmodified lastupdated 更新時間 異動時間 更新时间 修改时间"),
    (
        "visit_id",
        "visitid visitno appointmentid bookingid 到診編號 預約編號 掛號號 就诊编号 预约编号 來院編號 報到序號 序號 序号",
    ),
    (
        "visited_at",
        "visitedat visitdate visittime checkinat date 到診時間 到診日期 看診日期 就诊日期 就诊时间 到店时间 日期 到院時間 到院日期 來院時間 來院日期 \
         報到時間 報到日期 到院时间 报到时间",
    ),
    ("appointment_at", "appointmentat bookedfor 預約時間 预约时间 appointmentdate appointmenttime 預約日期 预约日期"),
    (
        "created_at",
        "createdat createddate createdtime signupdate registeredat 建立時間 建立日期 註冊日期 创建时间 注册日期 date",
    ),
    (
        "contact_id",
        "contactid contactno callid messageid followupid 聯繫編號 聯絡編號 回訪編號 联系编号 回访编号 通话编号",
    ),
    (
        "contacted_at",
        "contactedat contactdate contacttime calledat calldate sentat senton followupdate 聯繫時間 聯繫日期 聯絡時間 聯絡日期 \
         回訪時間 回訪日期 联系时间 联系日期 回访时间 回访日期",
    ),
    ("action", "action contactreason reason purpose 聯繫原因 聯絡原因 回訪類型 联系原因 回访类型"),
    (
        "staff_id",
        "staffid staff employeeid agent consultantid salesperson salesrep 員工編號 諮詢師 人員 服務人員 銷售人員 美容師 员工编号 咨询师 人员 \
         服务人员 销售人员 美容师",
    ),
    ("points", "pointsearned earnedpoints pointsgiven 獲得點數 獲得積分 本次點數 本次積分 获得积分 本次积分"),
    ("outcome", "outcome result contactresult callresult 聯繫結果 聯絡結果 回訪結果 联系结果 回访结果"),
    ("spent_on", "spenton spenddate date day 日期 投放日期 花費日期 消耗日期"),
    ("local_id", "localid localno 分店會員編號 店内会员号"),
    ("name", "name itemname productname branchname storename 名稱 品名 商品名稱 店名 名称"),
    ("category", "category categoryname 分類 大類 分类"),
    ("list_price", "listprice price 定價 售價 定价"),
    ("region", "region area city 區域 地區 区域 地区"),
    ("opened_on", "openedon opened openingdate 開幕日 開業日期 开业日期"),
    ("timezone", "timezone tz 時區 时区"),
];

/// Headers of a price per piece.
pub const UNIT_PRICES: &[&str] = &[
    "unitprice",
    "price",
    "sellingprice",
    "salesprice",
    "priceeach",
    "單價",
    "售價",
    "价格",
    "單位價格",
    "单价",
    "售价",
    "價格",
];

/// Parts of headers that make a column likely, if its values fit.
const PARTS: &[(&str, &str)] = &[
    ("customer_id", "customer member client patient household buyer 會員 客戶 顧客 病歷 会员 客户 顾客 病历"),
    ("paid_at", "date time 日期 時間 时间"),
    ("visited_at", "date time 日期 時間 时间"),
    ("created_at", "date time 日期 時間 时间"),
    ("contacted_at", "date time 日期 時間 时间"),
    ("spent_on", "date 日期"),
    ("amount", "amount value total revenue sales spend paid 金額 金额 實收 实收"),
    ("quantity", "quantity qty numberof units 數量 数量"),
    ("branch_id", "branch store clinic shop 門市 分店 门店"),
];

/// What files of an entity are called.
const FILES: &[(&str, &str)] = &[
    ("orders", "order sale transaction invoice purchase receipt 訂單 交易 銷售 消費 订单 销售 消费"),
    ("visits", "visit appointment booking treatment 到診 預約 就診 療程紀錄 就诊 预约"),
    ("leads", "lead prospect 潛客 名單 潜客"),
    ("branches", "branch store clinic 門市 分店 门店"),
    ("items", "item product catalog 品項 商品 產品 产品"),
    ("customers", "customermap localid customers 會員對照"),
    ("contacts", "contact call message followup 聯繫 聯絡 回訪 联系 回访"),
    ("spend", "spend adcost adspend 廣告費 廣告花費 广告费 广告消耗 投放"),
];

/// Canonical words by what exports write, without case.
const VALUES: &[(&str, &str, &str)] = &[
    (
        "status",
        "paid",
        "paid complete completed closed success ok 已付款 已結帳 已完成 完成 付款完成 已结账 收訖 已收款 收讫",
    ),
    ("status", "refunded", "refunded refund returned return 已退款 退款 退貨 退货 退費 已退費 退费"),
    ("status", "cancelled", "cancelled canceled cancel void voided 已取消 取消 作廢 作废"),
    (
        "status",
        "attended",
        "attended arrived done checkedin completed complete show 已到診 到診 已到店 已完成 完成 已到诊 已到院 報到 已報到 已报到",
    ),
    ("status", "no_show", "noshow missed absent 未到 爽約 未到診 爽约 未到诊 失約 失约"),
    ("kind", "single", "single normal sale 單次 單堂 单次 一般"),
    ("kind", "package", "package course bundle card 療程包 套票 課程 療程卡 疗程包 疗程卡 套餐 療程 疗程"),
    ("kind", "top_up", "topup upsell upgrade addon 升單 加購 升单 加购"),
    ("kind", "treatment", "treatment procedure 治療 療程 施作 治疗"),
    ("kind", "package_session", "packagesession session 劃卡 扣堂 划卡 扣次 療程堂次 堂次"),
    ("kind", "review", "review followup checkup 複查 回診 复查 回诊"),
    ("kind", "consultation", "consultation consult 諮詢 咨询"),
    ("outcome", "reached", "reached answered connected replied 接通 已接通 已聯繫 已聯絡 已联系"),
    ("outcome", "no_answer", "noanswer missed busy unreachable 未接 未接通 無人接聽 未接聽 无人接听"),
    ("outcome", "booked", "booked appointed 已預約 預約成功 已预约 预约成功"),
    ("outcome", "refused", "refused declined rejected 拒絕 已拒絕 拒绝 已拒绝"),
];

/// A header or word without case, blanks and signs.
pub fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How telling `header` is for the canonical column: 0 is its own name; None if it isn't known for it.
pub fn rank(column: &str, header: &str) -> Option<usize> {
    let header = normal(header);
    if header == normal(column) {
        return Some(0);
    }
    of(HEADERS, column).position(|known| known == header).map(|place| place + 1)
}

/// Whether a part of `header` makes the canonical column likely.
pub fn is_likely(column: &str, header: &str) -> bool {
    let header = normal(header);
    of(PARTS, column).any(|part| header.contains(part))
}

/// Whether files of this name most often hold `entity`.
pub fn is_file_of(entity: &str, file: &str) -> bool {
    let file = normal(file);
    of(FILES, entity).any(|part| file.contains(part))
}

/// The canonical word for what an export writes, if it is one of `words`.
pub fn word(column: &str, words: &[&str], text: &str) -> Option<&'static str> {
    let text = normal(text);
    let known = VALUES.iter().filter(|(of, word, _)| *of == column && words.contains(word));
    known.into_iter().find(|(_, _, known)| known.split(' ').any(|known| known == text)).map(|(_, word, _)| *word)
}

fn of<'k>(table: &'static [(&str, &str)], key: &'k str) -> impl Iterator<Item = &'static str> + use<'k> {
    table.iter().filter(move |(name, _)| *name == key).flat_map(|(_, words)| words.split(' '))
}
