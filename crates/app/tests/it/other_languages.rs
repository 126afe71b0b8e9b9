//! Handlers in other programs, asked by the program as an operator has it: no secret reaches them.

use wxbot_tests::program::Program;

/// Answers with its environment.
const SPY: &str = r#"
    while read -r line; do
        id=${line#*\"id\":}; id=${id%%,*}
        printf '{"id":%s,"reply":"%s"}\n' "$id" "$(env | tr '\n' ';')"
    done
"#;

#[test]
fn a_child_process_gets_no_secret_of_the_bot() {
    let program = Program::new(env!("CARGO_BIN_EXE_wxbot"))
        .with_variable("PATH", &std::env::var("PATH").expect("there is one"))
        .with_variable("LC_ALL", "C.UTF-8")
        .with_variable("WXBOT_APP_SECRET", "appSECRET1")
        .with_variable("SHOP_KEY", "shopKEY1")
        .with_variable("REGION", "cn-north")
        .with_file("spy.sh", SPY)
        .with_config(
            "[[account]]\ntoken = 'token123'\napp_id = 'wx0123456789abcdef'\n\
             app_secret = '${WXBOT_APP_SECRET}'\n\
             [[chain]]\nplugin = 'exec'\n[chain.config]\ncommand = ['sh', 'spy.sh']\n\
             env = { KEY = '${SHOP_KEY}' }\npass_env = ['REGION']\n",
        );
    let said = program.run(&["say", "hi"]).exits(0).stdout;
    for variable in ["PATH=", "LC_ALL=C.UTF-8;", "KEY=shopKEY1;", "REGION=cn-north;"] {
        assert!(said.contains(variable), "{variable}: {said}");
    }
    for hidden in ["appSECRET1", "WXBOT", "SHOP_KEY"] {
        assert!(!said.contains(hidden), "{hidden}: {said}");
    }
}
