declare module 'sharedb-mongo' {
  import type ShareDB from 'sharedb';
  /** @param url of the database, with the name of one */
  export default function sharedbMongo(url: string): ShareDB.DB;
}
