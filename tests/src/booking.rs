//! A plugin with a conversation: it takes bookings.

use std::time::Duration;

use wxbot_sdk::prelude::*;

/// `[chain.config]` of `booking`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BookingConfig {}

/// Asks for a name, a day, a table and a yes. It begins with 预约, or as `when` says.
pub struct Booking;

#[derive(Serialize, Deserialize)]
enum Step {
    Name,
    Day {
        name: String,
    },
    Table {
        name: String,
        day: String,
    },
    Sure {
        name: String,
        day: String,
        table: usize,
    },
    /// A click in the menu is an answer, too.
    Click,
}

impl DialogState for Step {
    const VERSION: u32 = 2;

    fn takes_events(&self) -> bool {
        matches!(self, Self::Click)
    }

    /// Version 1 asked for the name only.
    fn migrate(version: u32, state: serde_json::Value) -> Option<Self> {
        (version == 1 && state == "Who").then_some(Self::Name)
    }
}

const TABLES: [&str; 3] = ["窗边", "大厅", "包间"];

impl Plugin for Booking {
    const NAME: &'static str = "booking";
    const SUMMARY: &'static str = "takes bookings";
    const DIALOGS: Option<Dialogs> =
        Some(Dialogs { ttl: Duration::from_secs(600), ..Dialogs::DEFAULT });
    type Config = BookingConfig;

    fn build(_config: BookingConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Booking {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let step = ctx.dialog::<Step>()?;
        match (&step, ctx.text()) {
            (Some(_), Some(text)) if text.ends_with('？') => return Ok(Flow::Pass),
            (Some(_), Some("算了")) => return ctx.leave(),
            (_, Some(text)) if text.starts_with("slow ") => {
                tokio::time::sleep(Duration::from_secs(8)).await;
            }
            _ => {}
        }
        match step {
            None => match ctx.text_or("").trim_start_matches("slow ") {
                "预约" | "" => ctx.ask(Step::Name, "您的姓名？"),
                "点一下" => ctx.ask(Step::Click, "点哪个菜单？"),
                _ => Ok(Flow::Pass),
            },
            Some(Step::Name) => {
                let name = ctx.text_or("").trim_start_matches("slow ").to_owned();
                ctx.ask(Step::Day { name }, "哪一天？")
            }
            Some(Step::Day { name }) => match ctx.text_or("") {
                day if day.ends_with('日') => {
                    ctx.choose(Step::Table { name, day }, "坐哪里？", TABLES)
                }
                _ => ctx.again("请写 3月5日 这样的日期"),
            },
            Some(Step::Table { name, day }) => match ctx.chosen() {
                Some(table) => {
                    let question = format!("{name}，{day}，{}，确定吗？", TABLES[table]);
                    ctx.confirm(Step::Sure { name, day, table }, &question)
                }
                None => ctx.again("请选一个"),
            },
            Some(Step::Sure { name, day, table }) => match ctx.confirmed() {
                Some(true) => ctx.done(format!("{name}，{day}{}已预约", TABLES[table])),
                Some(false) => ctx.done("好的，没有预约"),
                None => ctx.again("是还是否？"),
            },
            Some(Step::Click) => match ctx.message().event_key() {
                Some(key) => ctx.done(format!("您点了 {key}")),
                None => ctx.again("请点菜单"),
            },
        }
    }
}

register!(Booking);

/// The same plugin as it was a version ago: an entry that had it goes on with [`Booking`].
pub struct BookingBefore;

#[derive(Serialize, Deserialize)]
enum StepBefore {
    /// Asks for the name.
    Who,
    /// Asks what for, which nobody asks any more.
    What,
}

impl DialogState for StepBefore {}

impl Plugin for BookingBefore {
    const NAME: &'static str = "booking-before";
    const SUMMARY: &'static str = "takes bookings, a version ago";
    const DIALOGS: Option<Dialogs> = Some(Dialogs::DEFAULT);
    type Config = BookingConfig;

    fn build(_config: BookingConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for BookingBefore {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        match (ctx.dialog::<StepBefore>()?, ctx.text()) {
            (None, Some("预约")) => ctx.ask(StepBefore::Who, "您是？"),
            (None, Some("包场")) => ctx.ask(StepBefore::What, "什么活动？"),
            _ => Ok(Flow::Pass),
        }
    }
}

register!(BookingBefore);
