// A bot as the documents of npm's `wechat` show it: `node bot.js MODULES TOKEN`. Writes its port.

const [modules, token] = process.argv.slice(2);
const wechat = require(require.resolve("wechat", { paths: [modules] }));

const middleware = wechat(token, (request, response) => {
  const { MsgType, Content, Event } = request.weixin;
  if (MsgType === "event") return response.reply(`node: ${Event}`);
  if (Content === "news") {
    return response.reply([{ title: "标题", description: "", picurl: "", url: "https://e.com/" }]);
  }
  return response.reply(MsgType === "text" ? `node: ${Content}` : "");
});

const server = require("node:http").createServer((request, response) => {
  request.query = Object.fromEntries(new URL(request.url, "http://localhost").searchParams);
  middleware(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
