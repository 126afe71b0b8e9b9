//! Takes bookings of a table.

use wxbot_sdk::prelude::*;

/// Nothing can be set.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {}

/// Asks for a name, a day and a yes.
pub struct Table;

/// Where a booking stands: one variant for each question.
#[derive(Serialize, Deserialize)]
enum Step {
    Name,
    Day { name: String },
    Sure { name: String, day: String },
}

impl DialogState for Step {}

impl Plugin for Table {
    const NAME: &'static str = "table";
    const SUMMARY: &'static str = "takes bookings";
    const DIALOGS: Option<Dialogs> = Some(Dialogs::DEFAULT);
    type Config = Config;

    fn build(_config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Table {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        match ctx.dialog()? {
            None => ctx.ask(Step::Name, "您的姓名？"),
            Some(Step::Name) => ctx.ask(Step::Day { name: ctx.text_or("") }, "哪一天？"),
            Some(Step::Day { name }) => match ctx.text_or("") {
                day if day.ends_with('日') => {
                    let question = format!("{name}，{day}，确定吗？");
                    ctx.confirm(Step::Sure { name, day }, &question)
                }
                _ => ctx.again("请写 3月5日 这样的日期"),
            },
            Some(Step::Sure { name, day }) => match ctx.confirmed() {
                Some(true) => ctx.done(format!("{name}，{day}已预约")),
                Some(false) => ctx.done("好的，没有预约"),
                None => ctx.again("请选一个"),
            },
        }
    }
}

register!(Table);
